// Builds dist/ unless it is newer than what it is made of. One build at a time, whoever asks.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const marker = join(root, 'dist/.built')
const lock = join(root, 'node_modules/.personas-build')
/** A build that takes longer has died. */
const lockMs = 120_000

/** @returns whether it had to build */
export async function buildIfStale() {
  if (!isStale()) return false
  await takeLock()
  try {
    if (!isStale()) return false
    const startedAt = new Date()
    // Loaded only now: what it needs may not be installed before.
    const { build } = await import('./build.mjs')
    await build()
    // As of the start: what was saved meanwhile is not in it.
    writeFileSync(marker, '')
    utimesSync(marker, startedAt, startedAt)
    return true
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function isStale() {
  if (!existsSync(marker)) return true
  const builtMs = statSync(marker).mtimeMs
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((name) => join(root, 'src', name))
  const templates = readdirSync(join(root, 'templates'), { recursive: true }).map((name) =>
    join(root, 'templates', name),
  )
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'scripts/build.mjs'].map((name) =>
    join(root, name),
  )
  return [...sources, ...templates, ...settings].some((file) => statSync(file).mtimeMs > builtMs)
}

async function takeLock() {
  for (;;) {
    try {
      mkdirSync(lock)
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
    if (since !== undefined && Date.now() - since > lockMs) rmSync(lock, { recursive: true, force: true })
    await delay(100)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildIfStale()
