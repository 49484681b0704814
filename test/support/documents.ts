/** Error documents of the Deltacloud API and of the server itself. */

import assert from 'node:assert/strict'
import { readHtml } from '../../conformance/documents/html.ts'
import { findElements, readXml } from '../../conformance/documents/xml.ts'

/** Reads the document by its type, and checks that an error says its own status. */
export const checkDocument = (status: number, type: string, body: Buffer): void => {
  const text = body.toString('utf8')
  switch (type) {
    case 'application/xml': {
      const document = readXml(text)
      if (status < 400) return
      assert.equal(document.name, 'error')
      assert.equal(document.attributes.get('status'), String(status))
      assert.equal(findElements(document, 'code')[0]?.text, String(status))
      assert.notEqual(findElements(document, 'message')[0]?.text ?? '', '')
      return
    }
    case 'application/json': {
      const document: unknown = JSON.parse(text)
      if (status < 400) return
      assert.ok(typeof document === 'object' && document !== null)
      assert.ok('code' in document && document.code === status, text)
      assert.ok('message' in document && typeof document.message === 'string' && document.message !== '', text)
      assert.ok('error' in document && typeof document.error === 'string', text)
      return
    }
    case 'text/html':
      if (text !== '') readHtml(text)
      return
    default:
      assert.ok(status < 400, `an error came as '${type}'`)
  }
}
