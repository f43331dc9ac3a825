import { z } from 'zod'
import { manifestSchema } from './manifest-file.ts'
import { runResultsSchema } from './run-results-file.ts'
import { syncResultsSchema } from './sync-results-file.ts'

/** The JSON Schemas of what is written to target/, by file name under schemas/. */
export function artifactSchemas(): Readonly<Record<string, object>> {
  return {
    'manifest.schema.json': z.toJSONSchema(manifestSchema),
    'run_results.schema.json': z.toJSONSchema(runResultsSchema),
    'sync_results.schema.json': z.toJSONSchema(syncResultsSchema),
  }
}
