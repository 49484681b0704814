/** What a person does in the browser, and what they must find. */

import type { Test } from 'tap'
import type { MockCloudOptions } from '../src/mock-cloud/cloud.ts'
import type { Visit } from './browser.ts'

export interface Scenario {
  /** A sentence. */
  readonly name: string
  /** What kind of browser: by default one on a desk, light, with JavaScript. */
  readonly browser?: {
    readonly colorScheme?: 'light' | 'dark'
    readonly viewport?: { readonly width: number; readonly height: number }
    readonly javaScriptEnabled?: boolean
  }
  /** What the cloud is like; by default the test moves its clock. */
  readonly cloud?: MockCloudOptions
  run(t: Test, visit: Visit): Promise<void>
}

/** Pages that everyone meets. */
export const mainPages: readonly string[] = [
  '/',
  '/api',
  '/api/docs',
  '/api/docs/instances',
  '/api/docs/instances/create',
  '/api/instance_states',
  '/api/drivers',
  '/api/drivers/mock',
  '/api/realms',
  '/api/realms/us',
  '/api/hardware_profiles',
  '/api/hardware_profiles/m1-large',
  '/api/images',
  '/api/images/img1',
  '/api/images/new?instance_id=inst1',
  '/api/instances',
  '/api/instances?state=STOPPED',
  '/api/instances/inst1',
  '/api/instances/inst1/run',
  '/api/instances/new?image_id=img1',
  '/api/keys',
  '/api/keys/new',
  '/api/storage_volumes',
  '/api/storage_volumes/vol1',
  '/api/storage_volumes/new',
  '/api/storage_volumes/vol1/attach_instance',
  '/api/storage_snapshots/new?volume_id=vol1',
  '/api/buckets',
  '/api/buckets/bucket1',
  '/api/buckets/bucket1/blob1',
  '/api/buckets/bucket1/new_blob_form_d15cfd90',
  '/api/addresses',
  '/api/addresses/192.168.0.1/associate',
  '/api/firewalls/default',
  '/api/firewalls/default/new_rule',
  '/api/load_balancers',
  '/api/load_balancers/new',
  '/api/networks',
  '/api/subnets/new',
  '/api/network_interfaces/new',
  '/api/metrics',
  '/api/metrics/inst1',
  '/api/instances/nope',
  '/_mock/console',
]
