const RUN = '<w:r>'
const RUN_BEGINS = /<w:r(?=[ >])[^>]*>/
const VANISH = /<w:vanish(?=[\s/>])(?!\s+w:val="(?:0|false|off)")/
const SHOWN = /<w:vanish\s+w:val="(?:0|false|off)"/
const STYLE = /<w:style(?=\s)([^>]*)>/

/** The styles of a Word file that hide what is written in them, themselves or as one that they are based on does. */
export class VanishingStyles {
  readonly #hidden = new Set<string>()
  /** of paragraphs that name none */
  #plain = ''

  /** @param xml of `word/styles.xml`; empty where there is none */
  constructor(xml: string) {
    if (!xml.includes('<w:vanish')) return
    const base = new Map<string, string>()
    const shown = new Set<string>()
    const [, ...parts] = splitAt(xml, STYLE)
    for (let i = 0; i < parts.length; i += 2) {
      const [attributes = '', body = ''] = [parts[i], parts[i + 1]]
      const id = valueOf(attributes, 'styleId')
      if (valueOf(attributes, 'type') === 'paragraph' && /w:default="(?:1|true|on)"/.test(attributes))
        this.#plain = id
      const based = /<w:basedOn\s+w:val="([^"]*)"/.exec(body)?.[1]
      if (based !== undefined) base.set(id, based)
      if (VANISH.test(body)) this.#hidden.add(id)
      else if (SHOWN.test(body)) shown.add(id)
    }
    const inherits = (id: string): boolean => {
      const seen = new Set<string>()
      for (let at: string | undefined = id; at !== undefined && !seen.has(at); at = base.get(at)) {
        if (this.#hidden.has(at)) return true
        if (shown.has(at)) return false
        seen.add(at)
      }
      return false
    }
    for (const id of [...base.keys()]) if (inherits(id)) this.#hidden.add(id)
  }

  get none(): boolean {
    return this.#hidden.size === 0
  }

  has(id: string): boolean {
    return this.#hidden.has(id === '' ? this.#plain : id)
  }
}

/** The XML without runs that Word does not show, and how many of them had text. */
export function withoutVanished(xml: string, styles: VanishingStyles): [seen: string, hidden: number] {
  if (styles.none && !xml.includes('<w:vanish')) return [xml, 0]
  const [before = '', ...runs] = splitAt(xml, RUN_BEGINS)
  let paragraph = paragraphStyle(before) ?? ''
  let hidden = 0
  const seen = runs.map((run) => {
    const end = run.indexOf('</w:r>')
    const inside = end < 0 ? '' : run.slice(0, end)
    const own = /<w:rStyle\s+w:val="([^"]*)"/.exec(inside)?.[1]
    const byStyle = styles.has(paragraph) || (own !== undefined && styles.has(own))
    const isHidden = VANISH.test(inside) || (byStyle && !SHOWN.test(inside))
    paragraph = paragraphStyle(run) ?? paragraph
    if (!isHidden || end < 0) return `${RUN}${run}`
    if (inside.includes('<w:t')) hidden++
    return run.slice(end + '</w:r>'.length)
  })
  return [before + seen.join(''), hidden]
}

/** Behind the last `>` no tag is whole, and each that begins there would be followed to the end. */
function splitAt(xml: string, tag: RegExp): string[] {
  const end = xml.lastIndexOf('>') + 1
  const parts = xml.slice(0, end).split(tag)
  return [...parts.slice(0, -1), `${parts.at(-1) ?? ''}${xml.slice(end)}`]
}

/** The style of the last paragraph that begins in this XML, empty for none; `undefined` where none begins. */
function paragraphStyle(xml: string): string | undefined {
  const begin = Math.max(xml.lastIndexOf('<w:p>'), xml.lastIndexOf('<w:p '))
  return begin < 0 ? undefined : (/<w:pStyle\s+w:val="([^"]*)"/.exec(xml.slice(begin))?.[1] ?? '')
}

function valueOf(attributes: string, name: string): string {
  return new RegExp(`w:${name}="([^"]*)"`).exec(attributes)?.[1] ?? ''
}
