import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const cache = resolve(import.meta.dirname, '../../node_modules/.cache/personas-debian')

/**
 * Debian packages, unpacked beside the node modules: nothing is installed, and the next test run finds them there.
 *
 * @returns a folder with `usr/bin`, `usr/sbin` and `usr/lib`; undefined where there is no apt
 * @throws Error if they cannot be had
 */
export function debianPackages(name: string, packages: readonly string[]): string | undefined {
  const folder = join(cache, name)
  if (existsSync(folder)) return folder
  if (spawnSync('apt-get', ['--version']).error !== undefined) return undefined
  mkdirSync(cache, { recursive: true })
  const making = mkdtempSync(join(cache, `${name}-`))
  const debs = join(making, 'debs')
  mkdirSync(debs)
  const download = (): ReturnType<typeof run> => run('apt-get', ['download', ...packages], debs)
  // A fresh machine has not read the lists yet.
  if (!download().ok && !(run('apt-get', ['update'], debs).ok && download().ok))
    throw new Error(`apt-get download ${packages.join(' ')} failed: ${download().said}`)
  for (const deb of readdirSync(debs)) {
    const unpacked = run('dpkg', ['-x', deb, making], debs)
    if (!unpacked.ok) throw new Error(`dpkg -x ${deb} failed: ${unpacked.said}`)
  }
  rmSync(debs, { recursive: true })
  try {
    renameSync(making, folder)
  } catch (error) {
    // Another test file was quicker.
    if (!existsSync(folder)) throw error
    rmSync(making, { recursive: true })
  }
  return folder
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
): { readonly ok: boolean; readonly said: string } {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  return { ok: status === 0, said: stderr ?? '' }
}
