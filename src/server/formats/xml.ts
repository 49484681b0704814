/** Writes XML: indented, attributes in single quotes as the API always had them. */

import { cdata, escapeAttribute, escapeText } from './text.ts'

export const prolog = "<?xml version='1.0' encoding='utf-8' ?>"

/** One attribute, with a blank before it; nothing for an absent value. */
export const attribute = (name: string, value: string | number | undefined): string =>
  value === undefined ? '' : typeof value === 'number' ? ` ${name}='${value}'` : ` ${name}='${escapeAttribute(value)}'`

/** The address of a resource. What `Links` makes holds nothing to escape, so it isn't looked through again. */
export const href = (url: string): string => ` href='${url}'`

export class XmlWriter {
  text = prolog
  private pad = '\n'

  /** @param attributes as `attribute` makes them. */
  open(name: string, attributes = ''): void {
    this.text += `${this.pad}<${name}${attributes}>`
    this.pad += '  '
  }

  close(name: string): void {
    this.pad = this.pad.slice(0, -2)
    this.text += `${this.pad}</${name}>`
  }

  /** An element without content. */
  empty(name: string, attributes = ''): void {
    this.text += `${this.pad}<${name}${attributes}></${name}>`
  }

  /** An element with text; an absent text leaves it empty. */
  leaf(name: string, text: string | number | undefined, attributes = ''): void {
    this.text +=
      text === undefined
        ? `${this.pad}<${name}${attributes}></${name}>`
        : `${this.pad}<${name}${attributes}>${typeof text === 'number' ? text : escapeText(text)}</${name}>`
  }

  /** An element whose text is in a CDATA section. */
  cdata(name: string, text: string | undefined, attributes = ''): void {
    this.text +=
      text === undefined ? `${this.pad}<${name}${attributes}></${name}>` : `${this.pad}<${name}${attributes}>${cdata(text)}</${name}>`
  }

  /** An element with content: `write` writes it, one level deeper. */
  element(name: string, attributes: string, write: () => void): void {
    this.open(name, attributes)
    write()
    this.close(name)
  }

  /** The document, with its last line break. */
  end(): string {
    return `${this.text}\n`
  }
}
