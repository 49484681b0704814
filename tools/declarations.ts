/** The last step of the build: the compiler leaves `.ts` in the imports of declarations, where the package has `.js`. */

import { globSync, readFileSync, writeFileSync } from 'node:fs'

const dist = new URL('../dist/', import.meta.url)

for (const file of globSync('**/*.d.ts', { cwd: dist })) {
  const declaration = new URL(file, dist)
  const written = readFileSync(declaration, 'utf8')
  const imports = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])(\.[^"']*)\.ts\2/g
  writeFileSync(declaration, written.replace(imports, '$1$2$3.js$2'))
}
