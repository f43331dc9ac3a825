import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadProject } from '../src/definitions/load-project.ts'
import { type Problem, ProblemError } from '../src/diagnostics/problem.ts'
import { lintCodes } from '../src/diagnostics/text/lint.ts'
import { lintDefinitions } from '../src/lint/lint-definitions.ts'

const root = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'personas-docs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
const pages = [
  ...(existsSync(join(root, 'README.md')) ? ['README.md'] : []),
  ...docs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
]

interface Block {
  readonly language: string
  readonly text: string
  /** Of its first line of text, for whoever has to mend it. */
  readonly line: number
}

function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1] ?? '',
    text: match[2] ?? '',
    line: text.slice(0, match.index).split('\n').length + 1,
  }))
}

/** The file that the first line of an example names, as `# models/x.yml` or `-- models/x.sql`. */
function namedFile(text: string): string | undefined {
  return /^(?:#|--) (\S+\.(?:ya?ml|sql))\s/.exec(text)?.[1]
}

const plainConfig = 'name: docs\nversion: 1\ntarget: t\ntargets: { t: { type: duckdb, path: docs.duckdb } }\n'

/** A page's YAML blocks are definitions, unless the first line names personas.config.yaml. */
function writeProject(page: string): string {
  const project = join(folder, page.replaceAll('/', '-'))
  const write = (file: string, text: string): void => {
    const path = join(project, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const blocks = blocksOf(page)
  write('personas.config.yaml', plainConfig)
  for (const { language, text, line } of blocks) {
    const file = namedFile(text)
    if (language === 'yaml') write(file ?? `models/line-${line}.yml`, text)
    if (language === 'sql' && file !== undefined) write(file, text)
  }
  const definitions = blocks.some(({ language, text }) => language === 'yaml' && /^sources:/m.test(text))
  if (!definitions) write('models/sources.yml', 'sources: [{ name: web, format: segment, schema: web }]\n')
  return project
}

describe('pages with YAML', () => {
  const shown = pages.filter((page) => blocksOf(page).some(({ language }) => language === 'yaml'))

  test('there are some', () => {
    expect(shown).toContain('docs/definitions.md')
    expect(blocksOf('docs/definitions.md').length).toBeGreaterThan(12)
  })

  test.each(shown)('%s: every example loads', (page) => {
    expect(problemsOf(writeProject(page))).toEqual([])
  })

  test.each(shown.filter((page) => page !== 'docs/linter.md'))(
    '%s: the linter has nothing to say',
    (page) => {
      const { definitions } = loadProject({ projectDir: writeProject(page), env: {} })
      expect(lintDefinitions(definitions).map(({ message }) => message)).toEqual([])
    },
  )

  test('docs/linter.md: the examples under a code are what it warns of', () => {
    const { definitions } = loadProject({ projectDir: writeProject('docs/linter.md'), env: {} })
    const found = lintDefinitions(definitions).map(
      ({ code, span }) => `${code} ${headingAt(span?.file ?? '')}`,
    )
    const expected = lintCodes.filter((code) => code !== 'PSN3310').map((code) => `${code} ${code}`)
    expect([...new Set(found)].sort()).toEqual(expected)
  })
})

/** The code in the last heading of docs/linter.md above the block that a file was written from. */
function headingAt(file: string): string | undefined {
  const line = Number(/line-(\d+)/.exec(file)?.[1])
  const above = readFileSync(join(root, 'docs/linter.md'), 'utf8').split('\n').slice(0, line)
  return above.flatMap((text) => /^## (PSN\d+)/.exec(text)?.[1] ?? []).at(-1)
}

/** Errors and warnings, each with its place. */
function problemsOf(projectDir: string): readonly string[] {
  const show = ({ code, message, span }: Problem): string => `${span?.file}:${span?.line} ${code} ${message}`
  try {
    return loadProject({ projectDir, env: {} }).warnings.map(show)
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(show)
    throw error
  }
}

describe('links between pages', () => {
  test.each(pages)('%s leads to files that exist', (page) => {
    const text = readFileSync(join(root, page), 'utf8')
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '')
    const missing = links.filter(
      (link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(page), link)),
    )
    expect(missing).toEqual([])
  })
})
