// Builds dist/: compiles src/, compiles the grammars of queries and filters and the built-in templates, and joins the command line with the packages that
// take long to find and read (half of its start-up) into a few files.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import Handlebars from 'handlebars'
import peggy from 'peggy'
import { rolldown } from 'rolldown'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
// The packages of string-width are ES modules, which what is joined cannot require.
const joined = [
  'commander',
  'yaml',
  'zod',
  'string-width',
  'get-east-asian-width',
  'strip-ansi',
  'ansi-regex',
]

/** @throws Error with what the compiler says */
export async function build() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (compiled.status !== 0) throw new Error(`the build failed:\n${compiled.stdout}${compiled.stderr}`)
  const templates = templateSources()
  writeFileSync(join(dist, 'config/built-in-templates.json'), JSON.stringify(Object.fromEntries(templates)))
  writeFileSync(join(dist, 'sql/precompiled-templates.cjs'), precompiled(templates))
  for (const name of ['query', 'fql']) writeFileSync(join(dist, `query/${name}-parser.cjs`), parserOf(name))
  await joinCommandLine()
}

/** Name and text, as src/config/load-templates.ts gives them. */
function templateSources() {
  const folder = join(root, 'templates')
  const extension = '.sql.hbs'
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith(extension))
    .map((file) => [
      file.slice(0, -extension.length).split(sep).join('/'),
      readFileSync(join(folder, file), 'utf8'),
    ])
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
}

/** For src/sql/templates.ts: name → source and specification. */
function precompiled(templates) {
  const entries = templates.map(([name, source]) => {
    const specification = Handlebars.precompile(source, { noEscape: true, strict: true })
    return `${JSON.stringify(name)}: { source: ${JSON.stringify(source)}, specification: ${specification} }`
  })
  return `module.exports = {\n${entries.join(',\n')}\n}\n`
}

/** For src/query/load-parser.ts. */
function parserOf(name) {
  const grammar = readFileSync(join(root, `src/query/${name}.peggy`), 'utf8')
  return peggy.generate(grammar, { output: 'source', format: 'commonjs' })
}

/** What dist/cli/main.js loads: a file for each command and for what they share. The rest of dist/ is for importers. */
async function joinCommandLine() {
  rmSync(join(dist, 'chunks'), { recursive: true, force: true })
  const isPackage = (id) => !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:/.test(id)
  const bundle = await rolldown({
    input: { cli: join(dist, 'cli/run-cli.js') },
    platform: 'node',
    external: (id) => isPackage(id) && !joined.includes(id),
  })
  await bundle.write({
    dir: join(dist, 'chunks'),
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
  })
  await bundle.close()
  writeFileSync(join(dist, 'chunks/LICENSES.txt'), licences())
  const cached = spawnSync(process.execPath, [join(root, 'scripts/write-code-cache.mjs')], {
    encoding: 'utf8',
  })
  if (cached.status !== 0) throw new Error(`the build failed:\n${cached.stdout}${cached.stderr}`)
}

/** What is joined is copied, and their licences ask for their text to go along. */
function licences() {
  return joined
    .map((name) => {
      const folder = join(root, 'node_modules', name)
      const file = ['LICENSE', 'license'].map((own) => join(folder, own)).find(existsSync)
      if (file === undefined) throw new Error(`${name} has no LICENSE`)
      return `${name}\n\n${readFileSync(file, 'utf8').trim()}\n`
    })
    .join(`\n${'-'.repeat(80)}\n\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await build()
