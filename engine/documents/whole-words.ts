import type { Language } from './asked-whole.ts'
import type { Count, NameCount } from './counting.ts'

/** How what was found in all of a document is told, with who found it. */
export interface WholeWords {
  count(count: Count, name: string, pages: number): string
  names(names: readonly NameCount[], name: string): string
  summaryOf(name: string, parts: number): string
  pages(first: number, last: number): string
  readonly stopped: string
  /** @param byModel how many of the lines the model wrote */
  whoWrote(lines: number, byModel: number): string
  /** what the model is asked of each part */
  readonly question: string
}

const english: WholeWords = {
  count({ words, times, onPages, firstPage }, name, pages) {
    const counted = 'Counted by code, not by the model.'
    if (times === 0) return `“${words}” does not stand in ${name}. ${counted}`
    const often = times === 1 ? 'once' : `${times.toLocaleString('en')} times`
    return `“${words}” stands ${often} in ${name}, on ${onPages} of ${pages} pages, first on page ${firstPage}. ${counted}`
  },
  names(names, name) {
    if (names.length === 0) return `No names were found in ${name}. Code looked for them, not the model.`
    const lines = names.map(({ words, times, firstPage }) =>
      times === 1
        ? `- ${words}: once, on page ${firstPage}`
        : `- ${words}: ${times.toLocaleString('en')} times, first on page ${firstPage}`,
    )
    return `Names in ${name}, found by code from how they are written, not by the model; places are among them:\n\n${lines.join('\n')}`
  },
  summaryOf: (name, parts) => `Summary of ${name}, in ${parts === 1 ? 'one part' : `${parts} parts`}:`,
  pages: (first, last) => (first === last ? `Page ${first}` : `Pages ${first} to ${last}`),
  stopped: 'stopped here.',
  whoWrote(lines, byModel) {
    const code = 'Code cut the document into parts and chose a passage of each.'
    const rest = lines - byModel
    if (lines === 0) return code
    if (rest === 0) return `${code} The model wrote every line from it, with the whole document in memory.`
    const quotes = rest === 1 ? 'one line' : `${rest} lines`
    return byModel === 0
      ? `${code} The lines are sentences of the document: what the model wrote did not stand in the passages.`
      : `${code} The model wrote ${byModel} of ${lines} lines from it, with the whole document in memory; ${quotes} in quotes are sentences of the document, since what the model wrote did not stand in the passage.`
  },
  question: 'Sum up the text above in one short sentence.',
}

const german: WholeWords = {
  count({ words, times, onPages, firstPage }, name, pages) {
    const counted = 'Das hat das Programm gezählt, nicht das Modell.'
    if (times === 0) return `„${words}“ steht nicht in ${name}. ${counted}`
    const often = times === 1 ? 'einmal' : `${times.toLocaleString('de')}-mal`
    return `„${words}“ steht ${often} in ${name}, auf ${onPages} von ${pages} Seiten, zuerst auf Seite ${firstPage}. ${counted}`
  },
  names(names, name) {
    if (names.length === 0)
      return `In ${name} wurden keine Namen gefunden. Gesucht hat das Programm, nicht das Modell.`
    const lines = names.map(({ words, times, firstPage }) =>
      times === 1
        ? `- ${words}: einmal, auf Seite ${firstPage}`
        : `- ${words}: ${times.toLocaleString('de')}-mal, zuerst auf Seite ${firstPage}`,
    )
    return `Namen in ${name}, vom Programm an ihrer Schreibweise erkannt, nicht vom Modell; auch Orte sind darunter:\n\n${lines.join('\n')}`
  },
  summaryOf: (name, parts) =>
    `Zusammenfassung von ${name}, in ${parts === 1 ? 'einem Teil' : `${parts} Teilen`}:`,
  pages: (first, last) => (first === last ? `Seite ${first}` : `Seiten ${first} bis ${last}`),
  stopped: 'hier angehalten.',
  whoWrote(lines, byModel) {
    const code = 'Das Programm hat das Dokument in Teile geschnitten und aus jedem eine Stelle gewählt.'
    const rest = lines - byModel
    if (lines === 0) return code
    if (rest === 0)
      return `${code} Jede Zeile hat das Modell daraus geschrieben, mit dem ganzen Dokument im Gedächtnis.`
    const quotes = rest === 1 ? 'eine Zeile' : `${rest} Zeilen`
    return byModel === 0
      ? `${code} Die Zeilen sind Sätze des Dokuments: Was das Modell schrieb, stand nicht in den Stellen.`
      : `${code} ${byModel} von ${lines} Zeilen hat das Modell daraus geschrieben, mit dem ganzen Dokument im Gedächtnis; ${quotes} in Anführungszeichen: Sätze des Dokuments, weil dort nicht stand, was das Modell schrieb.`
  },
  question: 'Fasse den Text oben in einem kurzen Satz zusammen.',
}

export const WHOLE_WORDS: Readonly<Record<Language, WholeWords>> = { en: english, de: german }
