import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const root = resolve(import.meta.dirname, '../..')

function run(command: string, args: readonly string[], cwd: string): string {
  const { PATH, HOME } = process.env
  const ended = spawnSync(command, args, { cwd, encoding: 'utf8', env: { PATH, HOME } })
  if (ended.status !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${ended.status}:\n${ended.stdout}${ended.stderr}`,
    )
  }
  return ended.stdout
}

/**
 * As `npm install` would leave it, without downloading what this machine has: the package unpacked, and beside it only
 * the packages that its dependencies (not its devDependencies) bring.
 */
function installOffline(tarball: string, place: string): void {
  const modules = join(place, 'node_modules')
  const own = join(modules, 'personas')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  mkdirSync(own)
  writeFileSync(join(place, 'package.json'), '{ "private": true }')
  run('tar', ['-xzf', tarball, '--strip-components=1', '-C', own], place)
  const lock: { packages: Record<string, { dev?: boolean }> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  for (const [path, { dev = false }] of Object.entries(lock.packages)) {
    const nested = path.lastIndexOf('node_modules/') > 0
    if (path === '' || dev || nested || !existsSync(join(root, path))) continue
    mkdirSync(dirname(join(place, path)), { recursive: true })
    cpSync(join(root, path), join(place, path), { recursive: true })
  }
  chmodSync(join(own, 'dist/cli/main.js'), 0o755)
  symlinkSync('../personas/dist/cli/main.js', join(modules, '.bin/personas'))
}

test('the package, installed elsewhere, makes a project that runs', () => {
  // The build is up to date: packing need not build again.
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root)
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  const place = join(folder, 'elsewhere')
  installOffline(join(folder, tarball), place)

  expect(run('npx', ['personas', '--help'], place)).toContain('Usage: personas')
  expect(run('npx', ['personas', 'init', 'shop'], place)).toContain('personas run')
  const shop = join(place, 'shop')
  for (const name of [
    'personas.config.yaml',
    'models',
    'schemas/config.schema.json',
    '.gitignore',
    'README.md',
    'seeds/web/tracks.csv',
  ]) {
    expect({ name, there: existsSync(join(shop, name)) }).toEqual({ name, there: true })
  }
  expect(readFileSync(join(shop, '.gitignore'), 'utf8')).toContain('target/')
  run('npx', ['personas', 'seed', '--quiet'], shop)
  const summary = run('npx', ['personas', 'run', '--quiet'], shop)
  expect(summary).toMatch(/^profiles +[\d,]+$/m)
  expect(run('npx', ['personas', 'test', '--quiet'], shop)).toMatch(/ 0 failed\n$/)
  const types = run(
    process.execPath,
    ['-e', "import('personas').then((all) => console.log(Object.keys(all).join()))"],
    place,
  )
  expect(types).toContain('compileProject')
}, 300_000)
