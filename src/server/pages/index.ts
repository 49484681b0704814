/** The pages, together: they are loaded when a browser first asks for one, and a program that never does doesn't pay for them. */

export { asset } from './assets.ts'
export { consolePage } from './console/page.ts'
export { docsPage } from './docs.ts'
export { errorPage } from './error.ts'
export { formPage } from './form.ts'
export { itemPage } from './item.ts'
export { listPage } from './list.ts'
export { plainPage } from './page.ts'
export { rootPage } from './root.ts'
