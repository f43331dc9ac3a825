#!/usr/bin/env node
import { requireCommandLine } from './code-cache.ts'

const { cli } = requireCommandLine()
process.exitCode = await cli.runCli(process.argv.slice(2), (url) => import(url))
