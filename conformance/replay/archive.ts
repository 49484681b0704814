/** Files as tools pack them: Playwright's ZIP of a HAR with the bodies beside it, and compressed HAR files. */

import { inflateRawSync, unzipSync } from 'node:zlib'

/** More than a recording has, in bytes. */
const maxUnpackedBytes = 256 * 1024 * 1024

export const isZip = (bytes: Buffer): boolean => bytes.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))

/** The files of a ZIP archive, by name. @throws RangeError or Error of zlib for one that is damaged */
export const readZip = (archive: Buffer): ReadonlyMap<string, Buffer> => {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  if (end < 0) throw new RangeError('it has no directory')
  const files = new Map<string, Buffer>()
  let offset = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size, nameLength] = [
      archive.readUInt16LE(offset + 10),
      archive.readUInt32LE(offset + 20),
      archive.readUInt16LE(offset + 28),
    ]
    const name = archive.toString('utf8', offset + 46, offset + 46 + nameLength)
    const header = archive.readUInt32LE(offset + 42)
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
    const packed = archive.subarray(start, start + size)
    if (method !== 0 && method !== 8) throw new RangeError(`${name} is compressed in a way that is not supported`)
    files.set(name, method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: maxUnpackedBytes }))
    offset += 46 + nameLength + archive.readUInt16LE(offset + 30) + archive.readUInt16LE(offset + 32)
  }
  return files
}

/** The text of a file: UTF-8 or UTF-16, and unpacked where it is compressed, as mitmproxy does. @throws Error of zlib */
export const decodeText = (bytes: Buffer): string => {
  const isPacked = (bytes[0] === 0x1f && bytes[1] === 0x8b) || (bytes[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(bytes[1] ?? 0))
  const plain = isPacked ? unzipSync(bytes, { maxOutputLength: maxUnpackedBytes }) : bytes
  const charset = plain[0] === 0xff && plain[1] === 0xfe ? 'utf-16le' : plain[0] === 0xfe && plain[1] === 0xff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(charset, { ignoreBOM: true }).decode(plain)
}
