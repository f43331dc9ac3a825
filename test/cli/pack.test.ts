import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
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

test('the package, installed elsewhere, makes a project that runs', () => {
  // The build is up to date: packing need not build again.
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root)
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  const place = join(folder, 'elsewhere')
  mkdirSync(place)
  writeFileSync(join(place, 'package.json'), '{ "private": true }')
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, tarball)], place)

  expect(run('npx', ['personas', '--help'], place)).toContain('Usage: personas')
  expect(run('npx', ['personas', 'init', 'shop'], place)).toContain('personas run')
  const shop = join(place, 'shop')
  for (const name of ['personas.config.yaml', 'models', '.gitignore', 'README.md', 'seeds/web/tracks.csv']) {
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
