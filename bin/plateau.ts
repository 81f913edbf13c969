#!/usr/bin/env node
import { runCommandLine } from './command-line.ts'
import { leave } from './leave.ts'
import { realWorld } from './world.ts'

leave(await runCommandLine(process.argv.slice(2), realWorld()))
