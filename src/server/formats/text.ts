/** Text on its way into a document: made legal, then escaped. */

// What XML 1.0 can't hold: control characters, and the two non-characters at the end of the plane. (Lone surrogates: see below.)
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const everyIllegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/** The text as every format shows it: what XML can't hold becomes U+FFFD, so that XML, JSON and HTML say the same. */
export const legal = (text: string): string => {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed()
  return illegal.test(wellFormed) ? wellFormed.replace(everyIllegal, '\ufffd') : wellFormed
}

const special = /[&<>'"\t\n\r]/
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
export const escapeText = (text: string): string => {
  const clean = legal(text)
  return special.test(clean) ? clean.replace(/[&<>\r]/g, c => references[c] ?? c) : clean
}

/** For attribute values, in quotes of either kind. White space is a reference, since parsers turn it into blanks. */
export const escapeAttribute = (text: string): string => {
  const clean = legal(text)
  return special.test(clean) ? clean.replace(/[&<>'"\t\n\r]/g, c => references[c] ?? c) : clean
}

/** A CDATA section; where the text would end it, or holds what CDATA can't keep, it's cut in two. */
export const cdata = (text: string): string =>
  `<![CDATA[${legal(text).replaceAll(']]>', ']]]]><![CDATA[>').replaceAll('\r', ']]>&#13;<![CDATA[')}]]>`
