/** Texts that have broken documents before. */

import fc from 'fast-check'

const fragments = [
  ']]>',
  '<![CDATA[',
  '&amp;',
  '&#0;',
  '&',
  '<',
  '>',
  '"',
  "'",
  '</name>',
  '<script>alert(1)</script>',
  '<!--',
  '-->',
  '\r\n',
  '\r',
  '\n',
  '\t',
  ' ',
  '\u0000',
  '\u000b',
  '\u001f',
  '\u007f',
  '\u0085',
  '\u2028',
  '\ufffe',
  '\uffff',
  '\ufeff',
  '\u{1f600}',
  '\u{10ffff}',
  '\ud800',
  '\udc00',
  '\u202e',
  'مرحبا',
  'שלום',
  'é',
  'e\u0301',
  '%00',
  '\\u0000',
]

const texts: fc.Arbitrary<string> = fc.oneof(
  // fast-check's own strings of any code point make a table of all of them first, which takes a second.
  { weight: 3, arbitrary: fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 10 }).map(codes => String.fromCodePoint(...codes)) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...fragments), { maxLength: 6 }).map(parts => parts.join('')) },
  { weight: 2, arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map(units => String.fromCharCode(...units)) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
)

/** Any text that a string can hold, lone surrogates included, with what markup is made of more often than chance would have it. */
export const anyText = (): fc.Arbitrary<string> => texts

/** Any characters as people count them. Made once: its table of characters is large. */
export const graphemes = fc.string({ unit: 'grapheme', maxLength: 20 })

/** As documents show a text: what XML 1.0 can't hold is U+FFFD, in every format. */
export const replaceIllegal = (text: string): string =>
  Array.from(text, character => (isLegal(character.codePointAt(0) ?? 0) ? character : '\ufffd')).join('')

// The production `Char` of XML 1.0.
const isLegal = (code: number): boolean =>
  code === 0x9 ||
  code === 0xa ||
  code === 0xd ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff)
