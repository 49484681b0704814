/** Text on its way into a document: made legal, then escaped. */

/** Anything but the ASCII that stands for itself in every format. Most text has none of it, and one look settles that. */
const unusual = /[^ !#-%(-;=?-~]/

// What XML 1.0 can't hold: control characters, and the two non-characters at the end of the plane. (Lone surrogates: see below.)
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/** The text as every format shows it: what XML can't hold becomes U+FFFD, so that XML, JSON and HTML say the same. */
export const legal = (text: string): string => (unusual.test(text) ? text.toWellFormed().replace(illegal, '\ufffd') : text)

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** For element content, of XML and HTML. A carriage return would be read as a line feed, so it is a reference. */
export const escapeText = (text: string): string => (unusual.test(text) ? legal(text).replace(/[&<>\r]/g, c => references[c] ?? c) : text)

/** For attribute values, in quotes of either kind. White space is a reference, since parsers turn it into blanks. */
export const escapeAttribute = (text: string): string =>
  unusual.test(text) ? legal(text).replace(/[&<>'"\t\n\r]/g, c => references[c] ?? c) : text

/** A CDATA section; where the text would end it, or holds what CDATA can't keep, it's cut in two. */
export const cdata = (text: string): string =>
  `<![CDATA[${legal(text).replaceAll(']]>', ']]]]><![CDATA[>').replaceAll('\r', ']]>&#13;<![CDATA[')}]]>`
