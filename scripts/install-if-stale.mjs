// Installs what package-lock.json says, unless node_modules is there and as new as it.
import { spawnSync } from 'node:child_process'
import { statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** @throws Error if npm fails */
export function installIfStale() {
  // npm writes its own lock file last of all, so a broken install counts as none.
  const marker = join(root, 'node_modules/.package-lock.json')
  const installed = statSync(marker, { throwIfNoEntry: false })
  const wanted = statSync(join(root, 'package-lock.json'))
  if (installed !== undefined && installed.mtimeMs >= wanted.mtimeMs) return
  console.error('installing packages')
  // Not `npm ci`: it refuses a lock file without the binaries for other platforms, which not every registry mirror has.
  const { status } = spawnSync('npm', ['install', '--no-save', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('npm install failed')
  utimesSync(marker, new Date(), new Date())
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    installIfStale()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
