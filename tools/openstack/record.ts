/** `node tools/openstack/record.ts [NAME…]`: records again all that is in `recordings/openstack`, from a real OpenStack. */

import { join } from 'node:path'
import { Recorder } from '../../src/record/recorder.ts'
import { save, textsOf } from '../../src/record/save.ts'
import { Client } from './client.ts'
import { place } from './place.ts'
import { type Scenario, scenarios } from './scenarios.ts'

const service =
  process.env.OS_SERVICE ?? 'OpenStack Zed: Keystone 22.0.2, Nova 26.2.2, Glance 25.1.0, Cinder 21.3.1, Neutron 21.0.0, Swift 2.30.1'

const record = async ({ name, title, run }: Scenario): Promise<void> => {
  const recorder = new Recorder()
  recorder.knows(place.credentials.password)
  const [aside, asking] = [await Client.open(place), await Client.open(place, recorder)]
  try {
    const images = await aside.all('images')
    const [profile] = await aside.all('hardware_profiles')
    const image = images.find(one => one.name === 'cirros-lab') ?? images[0]
    await run({ asking, aside, image: String(image?.id), profile: String(profile?.id) })
    const texts = textsOf(recorder, {
      driver: 'openstack',
      name,
      title,
      provider: place.provider,
      user: place.credentials.user,
      kind: 'live',
      service,
      captured: new Date().toISOString().slice(0, 10),
      script: recorder.steps.map(({ request }, n) => ({ title: asking.titles[n] ?? request.path, request })),
    })
    save(join(import.meta.dirname, '../../recordings/openstack'), name, texts)
    console.log(`${name}: ${recorder.steps.length} steps, ${recorder.size.exchanges} exchanges`)
  } finally {
    await asking.close()
    await aside.close()
  }
}

const only = process.argv.slice(2)
for (const scenario of scenarios) if (only.length === 0 || only.includes(scenario.name)) await record(scenario)
