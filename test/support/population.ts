/** Fills a mock cloud with one resource of every kind, named by texts that a test chooses. */

import { findElements, readXml } from '../../conformance/documents/xml.ts'
import type { Answer, Client } from './server.ts'

/** A request that makes something, as a client would send it. */
interface Making {
  readonly collection: string
  /** Below the collection. */
  readonly below?: string
  readonly parameters: Readonly<Record<string, string>>
}

/** What is made of these texts, in this order. A name that a cloud refuses makes nothing, and that is no failure of a test. */
const makings = ([a = 'a', b = 'b', c = 'c', d = 'd']: readonly string[]): readonly Making[] => [
  { collection: 'keys', parameters: { name: a } },
  { collection: 'firewalls', parameters: { name: b, description: c } },
  { collection: 'firewalls', below: `${encodeURIComponent(b.toWellFormed())}/rules`, parameters: firewallRule },
  { collection: 'instances', parameters: { image_id: 'img1', name: a, hwp_id: 'm1-large', hwp_memory: '8000', firewalls1: b } },
  { collection: 'instances', parameters: { image_id: 'img2', name: c, password: d, keyname: 'test-key' } },
  { collection: 'images', parameters: { instance_id: 'inst1', name: a, description: b } },
  { collection: 'storage_volumes', parameters: { name: c, description: d, capacity: '2' } },
  { collection: 'storage_volumes', below: 'vol1/attach', parameters: { instance_id: 'inst2', device: '/dev/sdc' } },
  { collection: 'storage_snapshots', parameters: { volume_id: 'vol2', name: d, description: a } },
  { collection: 'networks', parameters: { name: b, address_block: '172.16.0.0/12' } },
  { collection: 'subnets', parameters: { network_id: 'net1', name: c, address_block: '192.168.77.0/24' } },
  { collection: 'network_interfaces', parameters: { instance: 'inst2', network: 'subnet3', name: d } },
  { collection: 'addresses', parameters: {} },
  { collection: 'addresses', below: '192.168.0.2/associate', parameters: { instance_id: 'inst2' } },
  { collection: 'load_balancers', parameters: { name: d, realm_id: 'us', ...listener } },
  { collection: 'load_balancers', below: `${encodeURIComponent(d.toWellFormed())}/register`, parameters: { instance_id: 'inst2' } },
  { collection: 'buckets', parameters: { name: a } },
  {
    collection: 'buckets',
    below: 'bucket1',
    parameters: { blob_id: b, blob_data: c, meta_params: '1', meta_name1: 'note', meta_value1: d },
  },
]

const firewallRule = {
  protocol: 'tcp',
  port_from: '22',
  port_to: '80',
  ip_address1: '10.0.0.0/8',
  group1: 'default',
  group1owner: 'someone',
}
const listener = { listener_protocol: 'HTTP', listener_balancer_port: '80', listener_instance_port: '8080' }

/** Makes one of everything. @returns the answers, in the order of the requests */
export const populate = async (client: Client, texts: readonly string[], root = '/api'): Promise<readonly Answer[]> => {
  const answers: Answer[] = []
  for (const { collection, below, parameters } of makings(texts)) {
    answers.push(
      await client.ask({ target: `${root}/${collection}${below === undefined ? '' : `/${below}`}?format=xml`, json: parameters }),
    )
  }
  return answers
}

/** The names of the collections that the entry point lists. */
export const listedCollections = async (client: Client, root = '/api'): Promise<readonly string[]> => {
  const { text } = await client.ask(`${root}?format=xml`)
  return findElements(readXml(text), 'link').map(link => link.attributes.get('rel') ?? '')
}
