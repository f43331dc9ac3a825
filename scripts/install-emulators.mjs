// Installs what only tests need and is too large to stand among everyone's packages, unless it is there already.
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The GoogleSQL analyzer of the BigQuery emulator has binaries for these only. */
function hasAnalyzer() {
  const { platform, arch } = process
  if (arch !== 'x64' && arch !== 'arm64') return false
  return (
    platform === 'darwin' ||
    (platform === 'linux' && 'glibcVersionRuntime' in process.report.getReport().header)
  )
}

/** @throws Error if npm fails */
export function installEmulators() {
  if (!hasAnalyzer()) return
  const folder = join(root, 'test/emulators/bigquery')
  if (isInstalled(folder)) return
  console.error('installing the GoogleSQL analyzer for the tests (112 MB)')
  const { status } = spawnSync('npm', ['install', '--no-save', '--ignore-scripts', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`npm install failed in ${folder}`)
}

function isInstalled(folder) {
  const { devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.entries(devDependencies).every(([name, version]) => {
    // npm writes its own lock file last of all, so a broken install counts as none.
    const marker = join(folder, 'node_modules/.package-lock.json')
    const manifest = join(folder, 'node_modules', name, 'package.json')
    if (!statSync(marker, { throwIfNoEntry: false }) || !statSync(manifest, { throwIfNoEntry: false }))
      return false
    return JSON.parse(readFileSync(manifest, 'utf8')).version === version
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    installEmulators()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
