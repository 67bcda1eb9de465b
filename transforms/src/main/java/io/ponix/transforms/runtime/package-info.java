/**
 * The CEL runtime of transforms, put together from the parts of cel-java's planner.
 *
 * <p>{@code CelRuntimeFactory.plannerRuntimeBuilder()} gives a runtime that converts every value a
 * function returns and every variable an expression names, entry by entry and level by level, in
 * case a protobuf message is inside. There is none in a transform. Assembling the planner here
 * leaves that out, which makes an evaluation several times faster and keeps its cost from growing
 * with the square of a list or the power of a nesting; and it is the one place where every function
 * can be given a price, so that no expression runs without bound.
 *
 * <p>The parts are public but marked internal by cel-java. They are those of 0.14.0: when the
 * version in the parent pom changes, compare {@code CelRuntimeImpl.Builder.build()} with {@link
 * io.ponix.transforms.runtime.ProgramPlanning} and {@code CelValueConverter} with {@code
 * NativeValueConverter}, and run {@code BudgetTest}.
 *
 * <p>Public for the packages of this module only.
 */
package io.ponix.transforms.runtime;
