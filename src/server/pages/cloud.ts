/** Which cloud a page talks to. */

import type { PageScene } from './scene.ts'

/** `mock@default` */
export const cloudOf = ({ target }: PageScene): string => `${target.driver.id}@${target.provider ?? 'default'}`
