/**
 * What ours has beyond the original's answers: each looked at, and found additive.
 *
 * `compatible` stands for the API's own rule (`spec/api/protocol.md`, section 1): elements, attributes and optional parameters may be added.
 */

import type { Addition } from './rules.ts'

export const additions: readonly Addition[] = [
  {
    quirk: 'compatible',
    because: 'The message keeps the wording that clients know; what it leaves open stands beside it.',
    at: ['xml /error/details', 'json $.details'],
  },
  { quirk: 'P16', because: 'HEAD has the headers of GET.', when: { method: ['HEAD'] }, at: ['header etag'] },
  {
    quirk: 'P16',
    because: 'The content of a blob has an ETag, and the headers of every answer.',
    when: { path: /\/content$/ },
    at: ['header etag', 'header x-deltacloud-driver'],
  },
  {
    quirk: 'D3',
    because: 'JSON tells kind, range and values of a property too.',
    at: ['json $.hardware_profile.property_details', 'json $.hardware_profiles[*].property_details'],
  },
  {
    quirk: 'D6',
    because: 'A snapshot tells its state and description, and in JSON its name.',
    at: [
      'xml /storage_snapshot/state',
      'xml /storage_snapshot/description',
      'xml /storage_snapshots/storage_snapshot/state',
      'xml /storage_snapshots/storage_snapshot[*]/state',
      'xml /storage_snapshots/storage_snapshot/description',
      'xml /storage_snapshots/storage_snapshot[*]/description',
      'json $.storage_snapshot.name',
      'json $.storage_snapshot.description',
      'json $.storage_snapshots[*].name',
      'json $.storage_snapshots[*].description',
    ],
  },
  {
    quirk: 'D7',
    because: 'A volume offers what can be done with it.',
    at: [
      'xml /storage_volume/actions',
      'xml /storage_volumes/storage_volume/actions',
      'xml /storage_volumes/storage_volume[*]/actions',
      'json $.storage_volume.actions[*]',
      'json $.storage_volumes[*].actions[*]',
    ],
  },
  {
    quirk: 'D8',
    because: 'Every resource offers its actions in JSON as in XML, and a key its name.',
    at: [
      ...['address', 'image', 'key', 'network', 'network_interface', 'storage_snapshot', 'subnet'].map(name => `json $.${name}.actions`),
      ...['addresses', 'images', 'keys', 'networks', 'network_interfaces', 'storage_snapshots', 'subnets'].map(
        name => `json $.${name}[*].actions`,
      ),
      'json $.key.name',
      'json $.keys[*].name',
    ],
  },
  {
    quirk: 'D8',
    because: 'A snapshot offers its action in XML as well.',
    at: [
      'xml /storage_snapshot/actions',
      'xml /storage_snapshots/storage_snapshot/actions',
      'xml /storage_snapshots/storage_snapshot[*]/actions',
    ],
  },
  { quirk: 'D9', because: 'Where the content of a blob is, instead of the content.', at: ['json $.blob.content_href'] },
  {
    quirk: 'D11',
    because: 'A new image lists its hardware profiles from the start.',
    when: { method: ['POST'] },
    at: ['xml /image/hardware_profiles', 'json $.image.hardware_profiles'],
  },
  {
    quirk: 'D12',
    because: 'JSON says as XML does whether the network of an interface is a subnet.',
    at: ['json $.network_interface.network.rel', 'json $.network_interfaces[*].network.rel'],
  },
  {
    quirk: 'D14',
    because: 'The network of a subnet is linked.',
    at: ['xml /subnet/network/@href', 'xml /subnets/subnet/network/@href', 'xml /subnets/subnet[*]/network/@href'],
  },
  {
    quirk: 'compatible',
    because: 'A subnet has its type in XML as in JSON.',
    at: ['xml /subnet/type', 'xml /subnets/subnet/type', 'xml /subnets/subnet[*]/type'],
  },
  {
    quirk: 'compatible',
    because: 'An instance tells in JSON what it tells in XML: network interfaces, and the devices of volumes.',
    at: [
      'json $.instance.network_interfaces',
      'json $.instances[*].network_interfaces',
      'json $.network_interfaces',
      'json $.storage_volumes[*].device',
      'json $.instance.storage_volumes[*].device',
      'json $.instances[*].storage_volumes[*].device',
    ],
    when: { path: /^\/api\/instances/ },
  },
  {
    quirk: 'compatible',
    because: 'A driver tells in JSON what its credentials are called.',
    at: ['json $.driver.username', 'json $.driver.password', 'json $.mock.username', 'json $.mock.password'],
  },
  {
    quirk: 'F1',
    because: 'User data are advertised, since they work.',
    at: [
      'xml /api/link[instances]/feature[user_data create]',
      'json $.api.links[instances].features[user_data create]',
      'header allow[user_data:string:optional]',
    ],
  },
  {
    quirk: 'F2',
    because: 'Name and description of an image are advertised by their real names.',
    at: [
      'xml /api/link[images]/feature[image_name create]',
      'xml /api/link[images]/feature[image_description create]',
      'json $.api.links[images].features[image_name create]',
      'json $.api.links[images].features[image_description create]',
    ],
  },
  {
    quirk: 'F2',
    because: 'OPTIONS names the parameters of these features.',
    when: { path: /^\/api\/images\/create$/ },
    at: ['header allow[name:string:optional]', 'header allow[description:string:optional]'],
  },
  {
    quirk: 'F3',
    because: 'The filter by owner is advertised, since it works.',
    at: [
      'xml /api/link[images]/feature[owner_id index]',
      'json $.api.links[images].features[owner_id index]',
      'header allow[owner_id:string:optional]',
    ],
  },
  {
    quirk: 'compatible',
    because: 'OPTIONS names the filters of an index and the properties of a hardware profile too.',
    when: { method: ['OPTIONS'] },
    at: ['header allow[id:string:optional]', 'header allow[state:string:optional]', 'header allow[hwp_*:string:optional]'],
  },
]
