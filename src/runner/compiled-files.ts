import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../config/make-folder.ts'
import type { CompiledNode } from '../ir/node.ts'
import type { Step } from '../ir/step.ts'
import { createFileRecord, type FileRecord } from './file-record.ts'

/** Where a node's SQL is, relative to the target folder, with forward slashes; undefined for nodes without steps. */
export function compiledPath(target: string, node: CompiledNode): string | undefined {
  if (node.steps.length === 0) return undefined
  return `compiled/${fileName(target)}/${node.type}/${fileName(node.name)}.sql`
}

/** A name cannot climb out of its folder. */
export function fileName(name: string): string {
  return name.replaceAll(/[\\/:*?"<>|]/g, '_').replace(/^\.+/, '_')
}

/**
 * Writes the SQL of each node under `compiled/<target>/` of the target folder. Files that are the same are left as they
 * are, files of nodes that no longer exist are removed.
 */
export function writeCompiledFiles(
  targetFolder: string,
  target: string,
  nodes: readonly CompiledNode[],
  record: FileRecord = createFileRecord(targetFolder),
): void {
  const root = `compiled/${fileName(target)}`
  makeFolder(join(targetFolder, root))
  const wanted = new Set<string>()
  for (const node of nodes) {
    const path = compiledPath(target, node)
    if (path === undefined) continue
    wanted.add(path)
    record.write(path, renderSteps(node.steps))
  }
  for (const path of sqlFiles(targetFolder, root)) {
    if (!wanted.has(path)) rmSync(join(targetFolder, path))
  }
}

/** At any depth; relative to the target folder, as {@link compiledPath}. */
function sqlFiles(targetFolder: string, folder: string): readonly string[] {
  return readdirSync(join(targetFolder, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return sqlFiles(targetFolder, path)
    return entry.name.endsWith('.sql') ? [path] : []
  })
}

/** The statements of a node as one file to read; loops appear once. */
export function renderSteps(steps: readonly Step[]): string {
  return `${steps.map(renderStep).join('\n\n')}\n`
}

function renderStep(step: Step): string {
  switch (step.kind) {
    case 'statement':
      return ended(step.sql)
    case 'transaction':
      return ['begin;', ...step.body.map(renderStep), 'commit;'].join('\n\n')
    case 'check':
      return `-- check ${step.name}, which must answer no rows:\n${ended(step.sql)}`
    case 'warning':
      return `-- warning ${step.name}, one for each row:\n${ended(step.sql)}`
    case 'repeat':
      return [
        `-- repeat ${step.name} until this answers 0:\n${ended(step.until)}`,
        ...step.body.map(renderStep),
        `-- end of repeat ${step.name}`,
      ].join('\n\n')
    case 'branch':
      return [
        `-- ${step.name}, unless this answers 0:\n${ended(step.condition)}`,
        ...step.body.map(renderStep),
        `-- end of ${step.name}`,
      ].join('\n\n')
  }
}

function ended(sql: string): string {
  return `${sql.trimEnd()};`
}
