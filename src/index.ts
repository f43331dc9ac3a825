/** For programs that compile and run projects themselves. The command line is `personas`. */
export type { Adapter, Row, RunLock, Value } from './adapters/adapter.ts'
export { openAdapter } from './adapters/open-adapter.ts'
export { WarehouseError } from './adapters/warehouse-error.ts'
export type { Compiled, CompileInput } from './compiler/compile-project.ts'
export { catalogSchemas, compileProject } from './compiler/compile-project.ts'
export type { Manifest } from './compiler/manifest.ts'
export type { Config, Target } from './config/config.ts'
export { type ConfigOptions, loadConfig } from './config/load-config.ts'
export type * from './definitions/conditions.ts'
export type * from './definitions/definitions.ts'
export { loadDefinitions } from './definitions/load-definitions.ts'
export { loadProject, type Project } from './definitions/load-project.ts'
export { type Problem, ProblemError } from './diagnostics/problem.ts'
export { problemsAsJson, renderProblems } from './diagnostics/render-problems.ts'
export type { Span } from './diagnostics/span.ts'
export type { Dialect } from './dialects/dialect.ts'
export type { Catalog, CatalogColumn, CatalogTable } from './ir/catalog.ts'
export type { CompiledNode, NodeColumn, NodeType, Origin } from './ir/node.ts'
export type { Relation } from './ir/relation.ts'
export type { Check, Repeat, Statement, Step, Transaction, Warning } from './ir/step.ts'
export type { JsonForm } from './ir/sync.ts'
export type { ColumnType, ValueType } from './ir/value-type.ts'
export type { CompiledProject, ProjectParts } from './runner/compile-for.ts'
export { compileFor } from './runner/compile-for.ts'
export { type ExecuteRun, executeRun, SchemaLockedError } from './runner/execute-run.ts'
export type { NodeEvent, NodeResult, NodeStatus } from './runner/node-result.ts'
export type { RunRecord } from './runner/run-log.ts'
export { type Selection, selectNodes } from './runner/select/select-nodes.ts'
export type {
  Capabilities,
  Change,
  Fields,
  JsonBatch,
  JsonRecords,
  RowResult,
  Session,
  SessionContext,
} from './sync/destination.ts'
export { DeliveryError, type DestinationType, destinationType } from './sync/destination.ts'
export { type HttpAnswer, type HttpRequest, request } from './sync/http.ts'
