package io.ponix.transforms.functions;

import dev.cel.compiler.CelCompilerLibrary;
import dev.cel.runtime.CelRuntimeLibrary;
import java.util.List;
import java.util.Map;

/**
 * Functions of Ponix beside CEL's own: how they are declared, run and called, and what they cost.
 *
 * <p>They depend on nothing but their arguments: what is called twice with the same ones is
 * evaluated once, and only where it is reached.
 */
public interface FunctionLibrary extends CelCompilerLibrary, CelRuntimeLibrary {

    /** All there are: a library that is not among them is in no expression. */
    static List<FunctionLibrary> all() {
        return List.of(
                new BytesFunctions(),
                new HexadecimalFunctions(),
                new CayenneLppFunctions(),
                new DocumentFunctions(),
                new ProtobufFunctions(MessageDescriptors.NONE),
                new ChecksumFunctions(),
                new DecimalFunctions(),
                new TimeFunctions(),
                new NumberTextFunctions(),
                new FormatFunctions(),
                new MapFunctions(),
                new RefusalFunctions(),
                new WarningFunctions(),
                new FoldFunctions(),
                new TaggedValueFunctions(),
                new DecompressionFunctions(),
                new MBusFunctions());
    }

    /** Those of expressions that make no rows: there is nowhere to keep a warning. */
    static List<FunctionLibrary> withoutWarnings() {
        return all().stream().filter(library -> !(library instanceof WarningFunctions)).toList();
    }

    /** The names of all functions. */
    List<String> names();

    /** What a call costs, for the id of each overload. */
    Map<String, FunctionCost> costs();
}
