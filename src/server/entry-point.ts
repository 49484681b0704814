/** The entry point of the API: what this cloud has, and which features. */

import type { CollectionName } from '../drivers/driver.ts'
import type { Registry } from '../drivers/registry.ts'
import { featuresOf } from '../model/features.ts'
import type { Parameter } from '../model/parameter.ts'
import { collections } from './collections/index.ts'
import type { Collection, Result } from './collections/operation.ts'
import type { Json } from './formats/view.ts'
import { attribute } from './formats/xml.ts'
import type { Target } from './gate.ts'
import type { Links } from './links.ts'

/** Version of the API, as documents and the Server header name it. */
export const apiVersion = '1.1.3'

/** `name:string:optional`, as the API writes a parameter in one line. */
export const inOneLine = ({ name, required }: Parameter): string => `${name}:string:${required ? 'required' : 'optional'}`

/** The collections that a cloud has; `withdrawn` are those that this account lacks. */
export const listedCollections = (target: Target, withdrawn: readonly CollectionName[] = []): readonly Collection[] =>
  collections.filter(one => one.listed(target.offer) && !withdrawn.some(name => name === one.name))

export const entryPoint = (target: Target, links: Links, registry: Registry, withdrawn: readonly CollectionName[]): Result => {
  const listed = listedCollections(target, withdrawn)
  return {
    kind: 'document',
    title: `Deltacloud API ${apiVersion}`,
    xml(writer) {
      writer.open(
        'api',
        `${attribute('driver', target.driver.id)}${attribute('provider', target.provider)}${attribute('version', apiVersion)}`,
      )
      for (const { name } of listed) {
        const found = featuresOf(target.offer.features, name)
        const attributes = `${attribute('href', links.collection(name))}${attribute('rel', name)}`
        if (found.length === 0) writer.empty('link', attributes)
        else {
          writer.open('link', attributes)
          for (const { feature, constraints } of found) {
            writer.open('feature', `${attribute('name', feature.name)}${attribute('rel', feature.operation)}`)
            for (const parameter of feature.parameters) writer.empty('param', attribute('name', parameter.name))
            for (const [key, value] of Object.entries(constraints)) writer.leaf('constraint', value, attribute('name', key))
            writer.close('feature')
          }
          writer.close('link')
        }
      }
      writer.close('api')
    },
    json: () => ({
      api: {
        version: apiVersion,
        driver: target.driver.id,
        provider: target.provider ?? 'default',
        links: listed.map(
          ({ name }): Json => ({
            rel: name,
            href: links.collection(name),
            features: featuresOf(target.offer.features, name).map(({ feature, constraints }) => [
              { name: feature.name, rel: feature.operation, params: feature.parameters.map(inOneLine), constraints: { ...constraints } },
            ]),
          }),
        ),
      },
    }),
    html: async scene => (await import('./pages/entry.ts')).entryPage(scene, listed, registry),
  }
}
