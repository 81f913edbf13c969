import { expect, test } from 'vitest'
import { chapterEnds, chaptersInText, chaptersOf } from '../../../engine/documents/chapters.ts'
import { pageText } from '../../../engine/documents/document.ts'
import { extract } from '../../../engine/documents/extract.ts'
import { pagesOfText } from '../../../engine/documents/paging.ts'
import { readPages } from '../../../engine/documents/reading.ts'
import { writeDocx } from '../../support/write-documents.ts'

const RAIN = 'The rain fell softly on the harbour wall, and nobody spoke of it. '
const text = (words: string) => new TextEncoder().encode(words)
const read = (name: string, bytes: Uint8Array<ArrayBuffer>) => extract({ name, bytes })

/** The chapters of a file, each with the words that it begins with. */
async function chapters(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const document = await read(name, bytes)
  return document.chapters.map(({ title, start }) => `${title}: ${document.text.slice(start, start + 9)}`)
}

test('lines of plain text that number a chapter begin one; a table of contents and a sentence do not', async () => {
  const contents = 'CONTENTS\n\nCHAPTER I\n\nCHAPTER II\n\nPART TWO\n\nCHAPTER I\n\n'
  const book = [
    `${contents}PART ONE\n\nCHAPTER I\n\n${RAIN.repeat(8)}`,
    `Chapter one of his life was over. ${RAIN.repeat(4)}\nChapter 4 was next, he said.`,
    `CHAPTER II. The Wall\n\n${RAIN.repeat(8)}`,
    `PART TWO\n\nChapter the First\n\n${RAIN.repeat(8)}`,
  ].join('\r\n\r\n')
  expect(await chapters('a.txt', text(book))).toEqual([
    'PART ONE, CHAPTER I: CHAPTER I',
    'PART ONE, CHAPTER II. The Wall: CHAPTER I',
    'PART TWO, Chapter the First: Chapter t',
  ])
  expect(
    chaptersInText(`Kapitel 1\n\n${RAIN.repeat(5)}\n\nKapitel 2\n\n${RAIN.repeat(5)}`, false),
  ).toHaveLength(2)
  const heads = ['Chapter 1: Rain 1', 'Chapter 1: Rain 2', 'Chapter 2: Snow 3', 'Chapter 2: Snow 4']
  const pages = heads.map((head) => `${head}\n\n${RAIN.repeat(5)}`).join('\f')
  expect(chaptersInText(pages, false).map(({ title }) => title)).toEqual([
    'Chapter 1: Rain',
    'Chapter 2: Snow',
  ])
  expect(chaptersInText(`CHAPTER I\n\n${RAIN.repeat(50)}`, false)).toEqual([])
})

test('headings of Markdown, HTML and Word are chapters, of the highest level that has two', async () => {
  const markdown = `# A book\n\n## One #\n\n${RAIN}\n\n### In it\n\n\`\`\`sh\n## not this\n\`\`\`\n\n## Two\n\n${RAIN}`
  expect(await chapters('a.md', text(markdown))).toEqual(['One: ## One #\n', 'Two: ## Two\n\nT'])
  const markup = `<html><head><title>T</title></head><body> <h1>A book</h1><h2>One
    <i>of</i> two</h2><p>${RAIN.repeat(9)}</p><h2> Two</h2><p>${RAIN.repeat(9)}</p></body></html>`
  expect(await chapters('a.html', text(markup))).toEqual(['One of two: One of tw', 'Two: Two\n\nThe '])
  const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
  const line = (words: string, style: string) =>
    `<w:p><w:pPr><w:pStyle w:val="${style}"/></w:pPr><w:r><w:t>${words}</w:t></w:r></w:p>`
  const word = writeDocx([], {
    'word/document.xml': `<w:document ${W}><w:body>${line('One', 'Heading1')}${line(RAIN, '')}${line('Two', 'Heading1')}${line(RAIN, '')}</w:body></w:document>`,
    'word/styles.xml': `<w:styles ${W}><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>`,
  })
  expect(await chapters('a.docx', word)).toEqual(['One: One\n\nThe ', 'Two: Two\n\nThe '])
})

test('a long chapter of a file without pages begins a page; short ones share one', async () => {
  const markup = (length: number) =>
    `<html><body>${[1, 2, 3].map((i) => `<h2>Part ${i}</h2><p>${RAIN.repeat(length)}</p>`).join('')}</body></html>`
  const long = await read('a.html', text(markup(60)))
  const starts = long.chapters.map(({ start }) => start)
  expect(long.pages.map(({ start }) => start)).toEqual(expect.arrayContaining(starts))
  expect(pagesOfText(long.text)).toEqual(long.pages)
  expect(long.chapters.map(({ title }) => title)).toEqual(['Part 1', 'Part 2', 'Part 3'])
  const short = await read('a.html', text(markup(2)))
  expect([short.pages.length, short.chapters.length]).toEqual([1, 3])
  expect(pageText(short, 1).slice(short.chapters[2]?.start)).toMatch(/^Part 3/)
})

test('the end of a chapter is its last whole page, so that nothing of the next one is in memory', () => {
  const pages = [0, 100, 200, 300].map((start) => ({ start }))
  const ends = (...starts: number[]) =>
    chapterEnds(
      'x'.repeat(400),
      pages,
      starts.map((start, i) => ({ title: `${i + 1}`, start })),
    ).map(({ title, page }) => `${title}@${page}`)
  expect(ends(0, 100, 300)).toEqual(['1@1', '2@3', '3@4'])
  expect(ends(10, 250)).toEqual(['1@2', '2@4'])
  // The second begins and ends on the second page, of which no whole page is left.
  expect(ends(0, 110, 150, 200)).toEqual(['1@1', '3@2', '4@4'])
  expect(ends(20, 50)).toEqual(['2@4'])
})

test('of one level that has one heading there are no chapters', () => {
  expect(chaptersOf([{ title: 'A', start: 0, level: 1 }])).toEqual([])
})

/** The pages whose state is kept while a document is read. */
async function kept(pages: number, ends: readonly number[]): Promise<number[]> {
  const memory = { position: 0, tokens: '', stateBytes: 0 }
  const reader = { memory, read: async function* () {}, snapshot: () => Promise.resolve(new Uint8Array()) }
  const document = {
    name: '',
    text: 'x'.repeat(pages),
    pages: Array.from({ length: pages }, (_, start) => ({ start })),
    ends: ends.map((page) => ({ title: '', page })),
  }
  const found: number[] = []
  const keep = (page: number) => Promise.resolve(void found.push(page))
  const reading = readPages(reader, document, 0, keep, new AbortController().signal)
  while (!(await reading.next()).done);
  return found
}

test('the state at the end of each chapter is kept, of many chapters one in each twentieth', async () => {
  expect(await kept(4, [])).toEqual([1, 2, 3, 4])
  expect(await kept(200, [7, 8, 9])).toEqual(expect.arrayContaining([7, 8, 9, 10, 20, 199, 200]))
  const many = await kept(
    200,
    Array.from({ length: 66 }, (_, i) => 3 * i + 2),
  )
  expect(many.length).toBeLessThanOrEqual(2 * 20 + 1)
  expect(many).toEqual(expect.arrayContaining([8, 20, 29]))
})
