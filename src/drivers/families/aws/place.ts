/** Where a provider's services are, and which dialect they speak: read from the name of the provider. */

/** The services that the drivers of this family ask. */
export type Service = 'ec2' | 's3' | 'elb' | 'cloudwatch'

export interface Place {
  readonly region: string
  /** Addresses of services that aren't Amazon's, or are elsewhere; a service without one is asked where Amazon has it. */
  readonly endpoints: Readonly<Partial<Record<Service, string>>>
  /** How query requests are signed: 4 is today's; 2 is that of private clouds of old. */
  readonly signature: 2 | 4
  /** The version of the EC2 API that is asked for, where it isn't the client's own. */
  readonly version?: string
  /** Hardware profiles from a table, or asked of the provider. */
  readonly profiles: 'static' | 'live'
  /** Whether subnets are realms, too, where the cloud has them; they are. */
  readonly realms?: 'zones'
}

/** What AWS calls the services in variables of the environment: `AWS_ENDPOINT_URL_EC2`. */
const variables: Readonly<Record<Service, string>> = {
  ec2: 'EC2',
  s3: 'S3',
  elb: 'ELASTIC_LOAD_BALANCING',
  cloudwatch: 'CLOUDWATCH',
}

const services: readonly Service[] = ['ec2', 's3', 'elb', 'cloudwatch']

/**
 * A name like `ec2=http://10.0.0.1:8773;s3=http://10.0.0.2;region=eu-west-1;profiles=live`, as pairs.
 * @returns undefined for what isn't one
 */
export const pairsIn = (provider: string): ReadonlyMap<string, string> | undefined => {
  const pairs = new Map<string, string>()
  for (const part of provider.split(';')) {
    const [, name, value] = /^\s*([a-z0-9]+)=(\S+)\s*$/i.exec(part) ?? []
    if (name === undefined || value === undefined || pairs.has(name.toLowerCase())) return undefined
    pairs.set(name.toLowerCase(), value)
  }
  return pairs
}

/** An address of HTTP without credentials in it; undefined for anything else. */
export const addressIn = (text: string): string | undefined => {
  if (!/^https?:\/\/[^/?#@\\]+(?:\/[^?#\\]*)?$/i.test(text) || !URL.canParse(text)) return undefined
  return text.replace(/\/+$/, '')
}

/** The endpoints that pairs and the environment name; undefined where one is no address. */
export const endpointsOf = (pairs: ReadonlyMap<string, string>, environment: NodeJS.ProcessEnv): Place['endpoints'] | undefined => {
  const endpoints: Partial<Record<Service, string>> = {}
  for (const service of services) {
    const named = pairs.get(service) ?? environment[`AWS_ENDPOINT_URL_${variables[service]}`] ?? environment.AWS_ENDPOINT_URL
    if (named === undefined || named === '') continue
    const address = addressIn(named)
    if (address === undefined) return undefined
    endpoints[service] = address
  }
  return endpoints
}

/** What a name of a region looks like: `eu-west-1`, `us-gov-east-1`. */
export const isRegion = (text: string): boolean => /^[a-z]{2,3}(?:-[a-z]+){1,3}-\d{1,2}$/.test(text)

/** The region that a host name of a provider has in it. */
export const regionInHost = (host: string): string | undefined => host.split('.').find(isRegion)
