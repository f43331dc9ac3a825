import { basename, posix } from 'node:path'
import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Model, Trait } from './definitions.ts'
import type { ReadTrait } from './read-trait.ts'

/** A `.sql` file under models/; `file` is relative to the project. */
export interface SqlFile {
  readonly file: string
  readonly text: string
}

/** Gives SQL traits their text and makes models of the other files. */
export function linkSqlFiles(
  traits: readonly ReadTrait[],
  files: readonly SqlFile[],
  modelsFolder: string,
): {
  readonly traits: readonly Trait[]
  readonly models: readonly Model[]
  readonly problems: readonly Problem[]
} {
  const byName = new Map(files.map((file) => [file.file, file]))
  const problems: Problem[] = []
  const used = new Set<string>()
  const linked = traits.flatMap((trait): Trait[] => {
    if (trait.type !== 'sql') return [trait]
    const beside = posix.join(posix.dirname(trait.span.file), trait.file)
    const found = byName.get(beside) ?? byName.get(posix.join(modelsFolder, trait.file))
    if (found === undefined) {
      const names = files.map(({ file }) => posix.relative(modelsFolder, file))
      const near = nearest(trait.file, [...names, ...names.map((name) => basename(name))])
      problems.push(problem('PSN2004', { trait: trait.name, file: trait.file, near }, trait.fileSpan))
      return []
    }
    used.add(found.file)
    return [{ ...trait, file: found.file, sql: found.text }]
  })
  const models = files
    .filter(({ file }) => !used.has(file))
    .flatMap((file): Model[] => {
      const model = readModel(file)
      if (!/^[a-z][a-z0-9_]*$/.test(model.name)) {
        problems.push(problem('PSN2014', { key: 'file name', found: `\`${model.name}\`` }, model.span))
        return []
      }
      if (file.text.replaceAll(/--.*|\/\*[\s\S]*?\*\//g, '').trim() === '') {
        problems.push(problem('PSN2061', { file: file.file }, model.span))
        return []
      }
      return [model]
    })
  return { traits: linked, models, problems }
}

/** The leading comment may hold `-- description: …`, `-- owner: …` and `-- tags: a, b`. */
function readModel({ file, text }: SqlFile): Model {
  const header = /^(?:\s*--.*\n?)*/.exec(text)?.[0] ?? ''
  const value = (key: string): string | undefined =>
    new RegExp(`^\\s*--\\s*${key}:\\s*(.+)$`, 'm').exec(header)?.[1]?.trim()
  const description = value('description')
  const owner = value('owner')
  const firstLine = text.split('\n', 1)[0] ?? ''
  const span = {
    file,
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: Math.max(2, firstLine.trimEnd().length + 1),
  }
  return {
    name: basename(file, '.sql'),
    ...(description === undefined ? {} : { description }),
    ...(owner === undefined ? {} : { owner }),
    tags: (value('tags') ?? '').split(/[\s,]+/).filter((tag) => tag !== ''),
    meta: {},
    span,
    nameSpan: span,
    file,
    sql: text,
  }
}
