import { parentPort, workerData } from 'node:worker_threads'
import { answer } from '../../engine/documents/answer.ts'
import type { DocumentFile } from '../../engine/documents/document.ts'
import { fillInForPdf } from './globals.ts'

fillInForPdf()
await answer(workerData as DocumentFile, (message) => parentPort?.postMessage(message))
