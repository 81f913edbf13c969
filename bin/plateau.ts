#!/usr/bin/env node
import { needsGpu, runCommandLine } from './command-line.ts'
import { endWithParent, findGpu } from './gpu.ts'
import { leave } from './leave.ts'
import { realWorld } from './world.ts'

const args = process.argv.slice(2)
endWithParent()
// This may start the program anew: before anything is read, printed or listened to.
if (needsGpu(args)) await findGpu()
leave(await runCommandLine(args, realWorld()))
