/** A session with a cloud of Amazon's kind: its clients, made when they are first asked, on the transport of the request. */

import type { CloudWatch } from '@aws-sdk/client-cloudwatch'
import type { EC2, EC2ClientConfig } from '@aws-sdk/client-ec2'
import type { ElasticLoadBalancing } from '@aws-sdk/client-elastic-load-balancing'
import type { S3 } from '@aws-sdk/client-s3'
import { unauthenticated } from '../../../model/errors.ts'
import type { HardwareProfile } from '../../../model/hardware-profile.ts'
import type { Context, Credentials } from '../../context.ts'
import type { ConnectRequest } from '../../driver.ts'
import { errorOf } from './errors.ts'
import { handlerFor, type NativeRequest } from './handler.ts'
import type { Kind } from './kind.ts'
import type { Place, Service } from './place.ts'
import { liveProfiles } from './profiles.ts'
import { signedBy2 } from './signature-2.ts'

export class Session {
  readonly context: Context
  readonly place: Place
  readonly kind: Kind
  /** As clients give them: the password may be `SECRET;SESSION-TOKEN`. */
  readonly credentials: Credentials
  private readonly table: readonly HardwareProfile[]
  private readonly clients = new Map<Service, Promise<unknown>>()

  /**
   * @param table hardware profiles of a place that doesn't ask for them
   * @throws CloudError `unauthenticated` where there are no credentials
   */
  constructor({ credentials, context }: ConnectRequest, place: Place, kind: Kind, table: readonly HardwareProfile[]) {
    if (credentials === undefined || credentials.user === '') throw unauthenticated()
    this.credentials = credentials
    this.context = context
    this.place = place
    this.kind = kind
    this.table = table
  }

  /** The hardware profiles that instances can be launched with: of the table, or as the provider tells them. @throws CloudError */
  async profiles(): Promise<readonly HardwareProfile[]> {
    return this.place.profiles === 'static' ? this.table : liveProfiles(this)
  }

  /** Asks whether the credentials are right. @throws CloudError `unauthenticated` */
  async verify(): Promise<void> {
    await this.ec2(client => client.describeAvailabilityZones({}))
  }

  /** Asks EC2. @throws CloudError */
  async ec2<T>(call: (client: EC2) => Promise<T>): Promise<T> {
    const client = await this.client('ec2', async () => new (await import('@aws-sdk/client-ec2')).EC2(this.configuration('ec2')))
    return this.asking('EC2', () => call(client))
  }

  /** Asks the classic load balancers. @throws CloudError */
  async elb<T>(call: (client: ElasticLoadBalancing) => Promise<T>): Promise<T> {
    const client = await this.client(
      'elb',
      async () => new (await import('@aws-sdk/client-elastic-load-balancing')).ElasticLoadBalancing(this.configuration('elb')),
    )
    return this.asking('ELB', () => call(client))
  }

  /** Asks CloudWatch. @throws CloudError */
  async cloudwatch<T>(call: (client: CloudWatch) => Promise<T>): Promise<T> {
    const client = await this.client('cloudwatch', async () => {
      const [{ CloudWatch: Client }, { AwsQueryProtocol }] = await Promise.all([
        import('@aws-sdk/client-cloudwatch'),
        import('@aws-sdk/core/protocols'),
      ])
      // The query protocol is the one that every cloud of the family speaks; the client's own is JSON.
      return new Client({ ...this.configuration('cloudwatch'), protocol: AwsQueryProtocol, protocolSettings: query })
    })
    return this.asking('CloudWatch', () => call(client))
  }

  /** Asks S3. @throws CloudError */
  async s3<T>(call: (client: S3) => Promise<T>): Promise<T> {
    const client = await this.client('s3', async () => {
      const { S3: Client } = await import('@aws-sdk/client-s3')
      return withOperations(new Client({ ...this.configuration('s3'), ...storageOptions(this.place) }))
    })
    return this.asking('S3', () => call(client))
  }

  private client<T>(service: Service, make: () => Promise<T>): Promise<T> {
    let client = this.clients.get(service)
    if (client === undefined) {
      client = make()
      this.clients.set(service, client)
    }
    // Each service has one kind of client.
    return client as Promise<T>
  }

  private async asking<T>(service: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      const { signal } = this.context
      throw signal.aborted ? signal.reason : errorOf(service, error, this.context.now())
    }
  }

  private configuration(service: Service) {
    const { place, context } = this
    const { user, password } = this.credentials
    const [secret = '', sessionToken] = password.split(';', 2)
    const endpoint = place.endpoints[service]
    const isQuery = service !== 's3'
    return {
      region: place.region,
      credentials: { accessKeyId: user, secretAccessKey: secret, ...(sessionToken === undefined ? {} : { sessionToken }) },
      // Of an answer the clients read only what ours has; their types want a class.
      requestHandler: handlerFor(context, !isQuery) as unknown as NonNullable<EC2ClientConfig['requestHandler']>,
      // The one retry loop is the transport's.
      maxAttempts: 1,
      retryMode: 'standard',
      useDualstackEndpoint: false,
      useFipsEndpoint: false,
      defaultsMode: 'standard' as const,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(place.signature === 2 && isQuery
        ? {
            // The clients know no version 2, and so no type of it.
            signer: {
              sign: async (request: NativeRequest) => signedBy2(request, { keyId: user, secret, version: place.version, now: Date.now() }),
            } as unknown as NonNullable<EC2ClientConfig['signer']>,
          }
        : {}),
    }
  }
}

const query = {
  defaultNamespace: 'com.amazonaws.cloudwatch',
  xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
  version: '2010-08-01',
  serviceTarget: 'GraniteServiceVersion20100801',
}

/** Requests of S3 don't say which operation they are of: the handler is told by the request as it goes out, after it's signed. */
const withOperations = (client: S3): S3 => {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      args => {
        // The request is the one that the handler gets, and its type leaves room for more.
        Object.assign(args.request as NativeRequest, { operation: String(commandName).replace(/Command$/, '') })
        return next(args)
      },
    { step: 'finalizeRequest', priority: 'low', name: 'operationName' },
  )
  return client
}

/** At Amazon a bucket is part of the host's name; elsewhere of the path. */
const storageOptions = ({ endpoints }: Place) => ({
  forcePathStyle: endpoints.s3 !== undefined,
  followRegionRedirects: endpoints.s3 === undefined,
  // Checksums only where the operation can't do without: services of others don't know them.
  requestChecksumCalculation: 'WHEN_REQUIRED' as const,
  responseChecksumValidation: 'WHEN_REQUIRED' as const,
})
