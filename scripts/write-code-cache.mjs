// Uses the command line as built, so that V8's code of the functions that ran can be kept beside it (see
// src/cli/code-cache.ts). Called by build.mjs in a process of its own; what the commands print does not matter.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codeCacheFile, requireCommandLine } from '../dist/cli/code-cache.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { cli, scripts } = requireCommandLine()
const folder = mkdtempSync(join(tmpdir(), 'personas-build-'))
cpSync(join(root, 'test/cli/small-project'), folder, { recursive: true })
try {
  for (const command of ['seed', 'compile', 'run', 'show']) {
    const code = await cli.runCli([
      command,
      '--project-dir',
      folder,
      ...(command === 'show' ? ['user_identifiers'] : []),
    ])
    if (code !== 0) throw new Error(`personas ${command} ended with ${code}`)
  }
  for (const [file, script] of scripts) writeFileSync(codeCacheFile(file), script.createCachedData())
} finally {
  rmSync(folder, { recursive: true })
}
