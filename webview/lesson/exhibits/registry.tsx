/** The registry of exhibits: type -> component. A type of the catalogue without a component does not compile. */

import type { FunctionComponent } from "preact";
import type {
  ExhibitConfig,
  ExhibitType,
  LessonHostProtocol,
  LessonSource,
} from "../../../src/shared/panels/lesson.js";
import type { CommonHostProtocol, ModelState } from "../../../src/shared/panels/panel.js";
import type { Caller } from "../../../src/shared/rpc.js";
import type { Instrument } from "../instruments.js";
import { AttemptsExhibit } from "./AttemptsExhibit.js";
import { AttentionMapExhibit } from "./AttentionMapExhibit.js";
import { BlindPairsExhibit } from "./BlindPairsExhibit.js";
import { CacheTimingExhibit } from "./CacheTimingExhibit.js";
import { CalculatorExhibit } from "./CalculatorExhibit.js";
import { ChatTemplateExhibit } from "./ChatTemplateExhibit.js";
import { ConstitutionExhibit } from "./ConstitutionExhibit.js";
import { ContextBarExhibit } from "./ContextBarExhibit.js";
import { DialogExhibit } from "./DialogExhibit.js";
import { DistillationExhibit } from "./DistillationExhibit.js";
import { EvaluationExhibit } from "./EvaluationExhibit.js";
import { ExpertsExhibit } from "./ExpertsExhibit.js";
import { ExplanationExhibit } from "./ExplanationExhibit.js";
import { GradientExhibit } from "./GradientExhibit.js";
import { InjectionExhibit } from "./InjectionExhibit.js";
import { EmbeddingsExhibit, LayersExhibit } from "./LensExhibits.js";
import { LinksExhibit } from "./LinksExhibit.js";
import { MachineExhibit } from "./MachineExhibit.js";
import { ModelFileExhibit } from "./ModelFileExhibit.js";
import { NextTokenExhibit } from "./NextTokenExhibit.js";
import { OddsExhibit } from "./OddsExhibit.js";
import { PatchesExhibit } from "./PatchesExhibit.js";
import { PipelineExhibit } from "./PipelineExhibit.js";
import { PoisoningExhibit } from "./PoisoningExhibit.js";
import { PositionsExhibit } from "./PositionsExhibit.js";
import { ReinforceExhibit } from "./ReinforceExhibit.js";
import { RetrievalExhibit } from "./RetrievalExhibit.js";
import { RotationExhibit } from "./RotationExhibit.js";
import { SameMeaningExhibit } from "./SameMeaningExhibit.js";
import { SchoolsExhibit } from "./SchoolsExhibit.js";
import { SortClaimsExhibit } from "./SortClaimsExhibit.js";
import { SumsExhibit } from "./SumsExhibit.js";
import { SurpriseExhibit } from "./SurpriseExhibit.js";
import { TasksExhibit } from "./TasksExhibit.js";
import { ThinkingExhibit } from "./ThinkingExhibit.js";
import { ThoughtsExhibit } from "./ThoughtsExhibit.js";
import { TokenizersExhibit } from "./TokenizersExhibit.js";
import { TokenStripExhibit } from "./TokenStripExhibit.js";
import { ToolExhibit } from "./ToolExhibit.js";
import { ToyGameExhibit } from "./ToyGameExhibit.js";
import { ToyJudgeExhibit } from "./ToyJudgeExhibit.js";
import { TrainingExhibit } from "./TrainingExhibit.js";
import { WordFilterExhibit } from "./WordFilterExhibit.js";

export type LessonHost = Caller<LessonHostProtocol & CommonHostProtocol>;

export interface ExhibitProps<C extends ExhibitConfig> {
  id: string;
  config: C;
  /** The text to run on, from the editor or the exhibit's own field. */
  text: string;
  /** The text in the editor, for exhibits that read its whole file. */
  source?: LessonSource | undefined;
  /** The tokenizer that the settings name. */
  encoding: string;
  model: ModelState;
  host: LessonHost;
  /** Whether the result must not be seen yet, because the reader is to guess it. */
  covered: boolean;
  /** Told whenever what the checks can see has changed. */
  onInstrument(instrument: Instrument): void;
}

type Registry = { [T in ExhibitType]: FunctionComponent<ExhibitProps<Extract<ExhibitConfig, { type: T }>>> };

const REGISTRY: Registry = {
  "token-strip": TokenStripExhibit,
  "next-token": NextTokenExhibit,
  "attention-map": AttentionMapExhibit,
  languages: SameMeaningExhibit,
  tokenizers: TokenizersExhibit,
  calculator: CalculatorExhibit,
  odds: OddsExhibit,
  dialog: DialogExhibit,
  tool: ToolExhibit,
  gradient: GradientExhibit,
  "chat-template": ChatTemplateExhibit,
  retrieval: RetrievalExhibit,
  injection: InjectionExhibit,
  "word-filter": WordFilterExhibit,
  "toy-judge": ToyJudgeExhibit,
  patches: PatchesExhibit,
  layers: LayersExhibit,
  embeddings: EmbeddingsExhibit,
  surprise: SurpriseExhibit,
  "cache-timing": CacheTimingExhibit,
  training: TrainingExhibit,
  poisoning: PoisoningExhibit,
  distillation: DistillationExhibit,
  pipeline: PipelineExhibit,
  attempts: AttemptsExhibit,
  explanation: ExplanationExhibit,
  "context-bar": ContextBarExhibit,
  "blind-pairs": BlindPairsExhibit,
  evaluation: EvaluationExhibit,
  "sort-claims": SortClaimsExhibit,
  links: LinksExhibit,
  "toy-game": ToyGameExhibit,
  thinking: ThinkingExhibit,
  constitution: ConstitutionExhibit,
  "model-file": ModelFileExhibit,
  positions: PositionsExhibit,
  rotation: RotationExhibit,
  experts: ExpertsExhibit,
  schools: SchoolsExhibit,
  reinforce: ReinforceExhibit,
  thoughts: ThoughtsExhibit,
  "two-tasks": TasksExhibit,
  sums: SumsExhibit,
  machine: MachineExhibit,
};

export function Exhibit(props: ExhibitProps<ExhibitConfig>) {
  // The entry under a config's own type takes that config; TypeScript does not follow the pair through the lookup.
  const Component = REGISTRY[props.config.type] as FunctionComponent<ExhibitProps<ExhibitConfig>>;
  return <Component {...props} />;
}
