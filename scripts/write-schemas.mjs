// Writes schemas/*.json from the code that checks projects and writes artifacts; `npm run schemas` builds first.
import { writeFileSync } from 'node:fs'
import { publishedSchemas } from '../dist/definitions/published-schemas.js'
import { artifactSchemas } from '../dist/runner/artifact-schemas.js'

for (const [name, schema] of Object.entries({ ...publishedSchemas(), ...artifactSchemas() })) {
  writeFileSync(new URL(`../schemas/${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`)
}
