import { z } from 'zod'
import type { CompiledNode } from '../ir/node.ts'
import { compiledPath } from './compiled-files.ts'

const valueType = z.enum(['text', 'integer', 'number', 'boolean', 'timestamp', 'list'])

const manifestNode = z.strictObject({
  type: z.enum([
    'source',
    'model',
    'rows',
    'identity',
    'entity',
    'event',
    'relationship',
    'scan',
    'trait',
    'audience',
    'member_rows',
    'profiles',
    'publish',
    'sync',
  ]),
  name: z.string(),
  description: z.string().optional(),
  owner: z.string().optional(),
  tags: z.array(z.string()),
  meta: z.record(z.string(), z.unknown()),
  file: z.string().optional().describe('Where it is defined, relative to the project'),
  line: z.int().positive().optional(),
  depends_on: z.array(z.string()).describe('Ids of the nodes whose results it reads, sorted'),
  computed_in: z
    .array(z.string())
    .optional()
    .describe(
      'Ids of the nodes that compute it together with others: traits and audiences with a scan in common share it',
    ),
  relation: z
    .strictObject({ database: z.string().optional(), schema: z.string(), name: z.string() })
    .optional()
    .describe('The table or view it writes, if it writes one'),
  columns: z.array(z.strictObject({ name: z.string(), type: valueType })),
  compiled_path: z.string().optional().describe('Its SQL, relative to the target folder'),
})

/** `target/manifest.json`: what the project compiled to. The same project and catalogue give the same bytes. */
export const manifestSchema = z
  .strictObject({
    schema_version: z.literal(1),
    personas_version: z.string(),
    project: z.string(),
    target: z.strictObject({
      name: z.string(),
      type: z.string(),
      schema: z.string().describe('Where the public tables are'),
      work_schema: z.string().describe('Where the working tables are'),
    }),
    nodes: z.record(z.string(), manifestNode).describe('By id, dependencies before what depends on them'),
  })
  .describe('target/manifest.json of a personas project')

export type ManifestFile = z.infer<typeof manifestSchema>

export interface ManifestOf {
  readonly personasVersion: string
  readonly project: string
  readonly target: {
    readonly name: string
    readonly type: string
    readonly schema: string
    readonly workSchema: string
  }
  readonly nodes: readonly CompiledNode[]
}

/** @returns the text of `manifest.json` */
export function renderManifest(of: ManifestOf): string {
  const file: ManifestFile = {
    schema_version: 1,
    personas_version: of.personasVersion,
    project: of.project,
    target: {
      name: of.target.name,
      type: of.target.type,
      schema: of.target.schema,
      work_schema: of.target.workSchema,
    },
    nodes: Object.fromEntries(of.nodes.map((node) => [node.id, nodeOf(of.target.name, node)])),
  }
  // A line for each node: quick to write, and a difference between two manifests shows which nodes changed.
  const { nodes, ...head } = file
  const lines = Object.entries(nodes).map(
    ([id, node]) => `    ${JSON.stringify(id)}: ${JSON.stringify(node)}`,
  )
  return `${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "nodes": {\n${lines.join(',\n')}\n  }\n}\n`
}

function nodeOf(target: string, node: CompiledNode): z.infer<typeof manifestNode> {
  return {
    type: node.type,
    name: node.name,
    description: node.description,
    owner: node.owner,
    tags: [...node.tags],
    meta: { ...node.meta },
    file: node.origin?.file,
    line: node.origin?.line,
    depends_on: [...node.dependsOn],
    computed_in: node.computedIn && [...node.computedIn],
    relation:
      node.relation === undefined
        ? undefined
        : { database: node.relation.database, schema: node.relation.schema, name: node.relation.name },
    columns: node.columns.map(({ name, type }) => ({ name, type })),
    compiled_path: compiledPath(target, node),
  }
}
