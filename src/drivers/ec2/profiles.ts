/** Instance types of EC2 as a table: the ten of the original API, and today's usual ones, as AWS documents their sizes. */

import { enumeration, fixed, type HardwareProfile, type Property } from '../../model/hardware-profile.ts'

const both = enumeration('architecture', ['i386', 'x86_64'])

/** @param memory MiB @param storage GB of disks of its own */
const type = (id: string, cpu: number, memory: number, storage: number, architecture: Property, ...more: Property[]): HardwareProfile => ({
  id,
  properties: [fixed('cpu', cpu), fixed('memory', memory), fixed('storage', storage), architecture, ...more],
})

const x86 = fixed('architecture', 'x86_64')
const arm = fixed('architecture', 'arm64')

export const profiles: readonly HardwareProfile[] = [
  type('t1.micro', 1, 613, 160, both, fixed('root_type', 'persistent')),
  type('m1.small', 1, 1740.8, 160, both),
  type('m1.medium', 2, 3840, 410, both),
  type('m1.large', 4, 7680, 850, x86),
  type('m1.xlarge', 8, 15360, 1690, x86),
  type('c1.medium', 5, 1740.8, 350, both),
  type('c1.xlarge', 20, 7168, 1690, x86),
  type('m2.xlarge', 6.5, 17510.4, 420, x86),
  type('m2.2xlarge', 13, 35020.8, 850, x86),
  type('m2.4xlarge', 26, 70041.6, 1690, x86),
  ...['t2', 't3', 't3a'].flatMap(family => [
    type(`${family}.nano`, family === 't2' ? 1 : 2, 512, 0, x86),
    type(`${family}.micro`, family === 't2' ? 1 : 2, 1024, 0, x86),
    type(`${family}.small`, family === 't2' ? 1 : 2, 2048, 0, x86),
    type(`${family}.medium`, 2, 4096, 0, x86),
    type(`${family}.large`, 2, 8192, 0, x86),
  ]),
  type('t4g.nano', 2, 512, 0, arm),
  type('t4g.micro', 2, 1024, 0, arm),
  type('t4g.small', 2, 2048, 0, arm),
  type('t4g.medium', 2, 4096, 0, arm),
  type('t4g.large', 2, 8192, 0, arm),
  ...['m5', 'm6i', 'm7i'].flatMap(family => [
    type(`${family}.large`, 2, 8192, 0, x86),
    type(`${family}.xlarge`, 4, 16384, 0, x86),
    type(`${family}.2xlarge`, 8, 32768, 0, x86),
    type(`${family}.4xlarge`, 16, 65536, 0, x86),
  ]),
  ...['m6g', 'm7g'].flatMap(family => [
    type(`${family}.large`, 2, 8192, 0, arm),
    type(`${family}.xlarge`, 4, 16384, 0, arm),
    type(`${family}.2xlarge`, 8, 32768, 0, arm),
  ]),
  ...['c5', 'c6i', 'c7i'].flatMap(family => [
    type(`${family}.large`, 2, 4096, 0, x86),
    type(`${family}.xlarge`, 4, 8192, 0, x86),
    type(`${family}.2xlarge`, 8, 16384, 0, x86),
  ]),
  ...['r5', 'r6i', 'r7i'].flatMap(family => [
    type(`${family}.large`, 2, 16384, 0, x86),
    type(`${family}.xlarge`, 4, 32768, 0, x86),
    type(`${family}.2xlarge`, 8, 65536, 0, x86),
  ]),
  type('m5d.large', 2, 8192, 75, x86),
]
