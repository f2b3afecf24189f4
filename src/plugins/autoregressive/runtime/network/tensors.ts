import type { Compute, Shape, TensorMap } from '../../../../core/plugin-api/index.js';

export type TensorLibrary = Compute['tf'];
export type Tensor = TensorMap[string];
export type Shapes = Readonly<Record<string, Shape>>;
