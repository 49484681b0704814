/** Features: what a driver can do beyond the base of a collection, each adding parameters to one operation. */

import { optional, type Parameter } from './parameter.ts'

export interface Feature {
  readonly collection: string
  readonly name: string
  /** The operation that takes the parameters. */
  readonly operation: 'create' | 'index'
  readonly parameters: readonly Parameter[]
  readonly doc: string
}

const feature = (collection: string, name: string, operation: 'create' | 'index', doc: string, ...parameters: Parameter[]): Feature => ({
  collection,
  name,
  operation,
  parameters,
  doc,
})

const files: Parameter[] = [1, 2, 3, 4, 5].flatMap(n => [
  optional(`path${n}`, `Path of file ${n} on the instance`),
  optional(`content${n}`, `Content of file ${n}`, { kind: 'text', secret: true }),
])

/** All features of the API, in the order in which the entry point shows them. */
export const features = [
  feature(
    'images',
    'owner_id',
    'index',
    'Images can be filtered by their owner',
    optional('owner_id', 'Owner of the image; `self` is the caller'),
  ),
  feature('images', 'image_name', 'create', 'A new image can be given a name', optional('name', 'Name of the new image')),
  feature('images', 'image_description', 'create', 'A new image can be described', optional('description', 'Description of the new image')),
  feature('buckets', 'bucket_location', 'create', 'A bucket can be placed', optional('location', 'Where to place the bucket')),
  feature(
    'instances',
    'metrics',
    'create',
    'Detailed monitoring',
    optional('metrics', 'Collect metrics of the instance', { kind: 'flag' }),
  ),
  feature(
    'instances',
    'realm_filter',
    'index',
    'Instances can be filtered by realm',
    optional('realm_id', 'Realm of the instance', { refers: 'realms' }),
  ),
  feature('instances', 'user_name', 'create', 'An instance can be given a name', optional('name', 'Name of the instance')),
  feature(
    'instances',
    'user_data',
    'create',
    'Data can be handed to an instance',
    optional('user_data', 'Data for the instance, Base64 by convention', { kind: 'text', secret: true }),
  ),
  feature('instances', 'user_files', 'create', 'Files can be injected into an instance', ...files),
  feature(
    'instances',
    'user_iso',
    'create',
    'A CD image can be mounted',
    optional('user_iso', 'Base64 of a gzipped ISO image, mounted as CD', { kind: 'text' }),
  ),
  feature(
    'instances',
    'firewalls',
    'create',
    'An instance can be launched in firewalls',
    optional('firewalls', 'Firewall to launch in: `firewalls1`, `firewalls2`, …', { refers: 'firewalls', numbered: true }),
  ),
  feature(
    'instances',
    'authentication_key',
    'create',
    'A key can be injected',
    optional('keyname', 'Key that the instance accepts', { refers: 'keys' }),
  ),
  feature(
    'instances',
    'authentication_password',
    'create',
    'A password can be set',
    optional('password', 'Password that the instance accepts', { secret: true }),
  ),
  feature(
    'instances',
    'register_to_load_balancer',
    'create',
    'An instance can be registered with a load balancer at once',
    optional('load_balancer_id', 'Load balancer to register with', { refers: 'load_balancers' }),
  ),
  feature(
    'instances',
    'instance_count',
    'create',
    'Many instances can be launched at once',
    optional('instance_count', 'How many instances to launch', { kind: 'number' }),
  ),
  feature(
    'instances',
    'attach_snapshot',
    'create',
    'A volume made from a snapshot can be attached at launch',
    optional('snapshot_id', 'Snapshot to make the volume from', { refers: 'storage_snapshots' }),
    optional('device_name', 'Device to attach the volume as', { initial: '/dev/sdc' }),
  ),
  feature(
    'instances',
    'sandboxing',
    'create',
    'An instance can be launched as a sandbox',
    optional('sandbox', 'Launch as a sandbox', { kind: 'flag' }),
  ),
  feature(
    'instances',
    'first_boot_dev',
    'create',
    'The first boot device can be chosen',
    optional('first_boot_dev', 'Device of the first boot', { values: ['hd', 'network'] }),
  ),
  feature(
    'keys',
    'import_key',
    'create',
    'A public key can be imported',
    optional('public_key', 'Public key to import; without it a key is generated', { kind: 'text', secret: true }),
  ),
  feature('storage_volumes', 'volume_name', 'create', 'A volume can be given a name', optional('name', 'Name of the volume')),
  feature(
    'storage_volumes',
    'volume_description',
    'create',
    'A volume can be described',
    optional('description', 'Description of the volume'),
  ),
] as const satisfies readonly Feature[]

/** A driver's limits on a feature, for information: nothing in the API enforces them. */
export type Constraints = Readonly<Record<string, string | number>>

/** What a driver advertises: by collection, the names of features and their constraints. */
export type AdvertisedFeatures = Readonly<Record<string, Readonly<Record<string, Constraints>>>>

/** The features of a collection that a driver advertises, in the order of the table, with the driver's constraints. */
export const featuresOf = (advertised: AdvertisedFeatures, collection: string): { feature: Feature; constraints: Constraints }[] => {
  const own = advertised[collection]
  if (own === undefined) return []
  return features
    .filter(f => f.collection === collection && Object.hasOwn(own, f.name))
    .map(f => ({ feature: f, constraints: own[f.name] ?? {} }))
}
