import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package beside this folder that brings Google's analyzer along; see `package.json` here. */
const folder = join(
  dirname(dirname(fileURLToPath(import.meta.url))),
  'node_modules/@fivetrandevelopers/zetasql/lib/zetasql',
)

export type Binary =
  | { readonly path: string; readonly protos: string }
  /** Why no tests of BigQuery can run on this platform. */
  | { readonly missing: string }

export interface Platform {
  readonly platform: string
  readonly arch: string
  readonly hasGlibc: boolean
}

let known: Platform | undefined

/** Asking for the report that tells the C library takes 40 ms. */
function thisPlatform(): Platform {
  known ??= { platform: process.platform, arch: process.arch, hasGlibc: isGlibc() }
  return known
}

/** @throws Error where the platform has a binary and it is not installed */
export function findBinary({ platform, arch, hasGlibc }: Platform = thisPlatform()): Binary {
  const glibc = platform !== 'linux' || hasGlibc
  if ((platform !== 'linux' && platform !== 'darwin') || !glibc || (arch !== 'x64' && arch !== 'arm64')) {
    return {
      missing: `the GoogleSQL analyzer has no binary for ${platform} ${arch}${glibc ? '' : ' with musl'}`,
    }
  }
  const path = join(
    folder,
    `remote_server${arch === 'arm64' ? '_arm' : ''}${platform === 'darwin' ? '' : '.so'}`,
  )
  if (!existsSync(path)) {
    throw new Error('the GoogleSQL analyzer is not installed: run `node scripts/install-emulators.mjs`')
  }
  return { path, protos: join(folder, 'protos') }
}

function isGlibc(): boolean {
  const report: unknown = process.report.getReport()
  if (typeof report !== 'object' || report === null || !('header' in report)) return false
  const { header } = report
  return typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header
}
