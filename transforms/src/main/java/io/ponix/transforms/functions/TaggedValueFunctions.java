package io.ponix.transforms.functions;

import com.google.common.collect.ImmutableList;
import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelMacroExprFactory;
import dev.cel.parser.CelParserBuilder;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntimeBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Functions of bytes that hold tagged values, see {@link TaggedValues}.
 *
 * <table>
 * <caption>Functions of tagged values</caption>
 * <tr><td>{@code tlv(tagSize, {tag: length}[, "first"|"last"])}, {@code ltv(lengthSize,
 *     tagSize[, "first"|"last"])}</td><td>map(int, bytes)</td></tr>
 * <tr><td>{@code tlv_list(tagSize, {tag: length})}, {@code ltv_list(lengthSize, tagSize)}</td>
 *     <td>list of {@code {"tag": int, "value": bytes}}</td></tr>
 * <tr><td>{@code tlv_list(tagSize, tag, at, length)}</td><td>the same by a macro: {@code length} is
 *     an expression, int or optional(int), of the tag and the offset of its value, whose names the
 *     author chooses. None ends the list</td></tr>
 * </table>
 */
public final class TaggedValueFunctions implements FunctionLibrary {
    private static final String TLV = "tlv";
    private static final String LTV = "ltv";
    private static final String TLV_LIST = "tlv_list";
    private static final String LTV_LIST = "ltv_list";

    // What the macro stands for; names that no expression can write.
    private static final String BEGIN = "@tlv_begin";
    private static final String GOES_ON = "@tlv_goes_on";
    private static final String TAG = "@tlv_tag";
    private static final String AT = "@tlv_at";
    private static final String NEXT = "@tlv_next";
    private static final String RECORDS = "@tlv_records";

    private static final String ROUND_VARIABLE = "@tlv_round";
    private static final String WALK_VARIABLE = "@tlv_walk";

    private static final String BYTES_TLV = "bytes_tlv";
    private static final String BYTES_TLV_REPEATED = "bytes_tlv_repeated";
    private static final String BYTES_LTV = "bytes_ltv";
    private static final String BYTES_LTV_REPEATED = "bytes_ltv_repeated";
    private static final String BYTES_TLV_LIST = "bytes_tlv_list";
    private static final String BYTES_LTV_LIST = "bytes_ltv_list";
    private static final String NEXT_LENGTH = "@tlv_next_length";
    private static final String NEXT_OPTIONAL = "@tlv_next_optional";

    private static final CelType BYTES_BY_TAG = MapType.create(SimpleType.INT, SimpleType.BYTES);
    private static final CelType LENGTHS_BY_TAG = MapType.create(SimpleType.INT, SimpleType.INT);
    private static final CelType TAGGED_RECORDS =
            ListType.create(MapType.create(SimpleType.STRING, SimpleType.DYN));
    private static final CelType WALK = OpaqueType.create("tlv");

    @Override
    public List<String> names() {
        return List.of(TLV, LTV, TLV_LIST, LTV_LIST, BEGIN, GOES_ON, TAG, AT, NEXT, RECORDS);
    }

    /** A round of the macro is paid for as that of any loop, and a record where it is made. */
    @Override
    public Map<String, FunctionCost> costs() {
        return Map.ofEntries(
                Map.entry(BYTES_TLV, FunctionCost.ARGUMENTS),
                Map.entry(BYTES_TLV_REPEATED, FunctionCost.ARGUMENTS),
                Map.entry(BYTES_LTV, FunctionCost.ARGUMENTS),
                Map.entry(BYTES_LTV_REPEATED, FunctionCost.ARGUMENTS),
                Map.entry(BYTES_TLV_LIST, FunctionCost.ARGUMENTS),
                Map.entry(BYTES_LTV_LIST, FunctionCost.ARGUMENTS),
                Map.entry(BEGIN, FunctionCost.CONSTANT),
                Map.entry(GOES_ON, FunctionCost.CONSTANT),
                Map.entry(TAG, FunctionCost.CONSTANT),
                Map.entry(AT, FunctionCost.CONSTANT),
                Map.entry(NEXT_LENGTH, FunctionCost.CONSTANT),
                Map.entry(NEXT_OPTIONAL, FunctionCost.CONSTANT),
                Map.entry(RECORDS, FunctionCost.CONSTANT));
    }

    @Override
    public void setParserOptions(CelParserBuilder parser) {
        parser.addMacros(CelMacro.newReceiverMacro(TLV_LIST, 4, TaggedValueFunctions::tlvList));
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        checker.addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(
                        TLV,
                        member(BYTES_TLV, BYTES_BY_TAG, SimpleType.INT, LENGTHS_BY_TAG),
                        member(
                                BYTES_TLV_REPEATED,
                                BYTES_BY_TAG,
                                SimpleType.INT,
                                LENGTHS_BY_TAG,
                                SimpleType.STRING)),
                CelFunctionDecl.newFunctionDeclaration(
                        LTV,
                        member(BYTES_LTV, BYTES_BY_TAG, SimpleType.INT, SimpleType.INT),
                        member(
                                BYTES_LTV_REPEATED,
                                BYTES_BY_TAG,
                                SimpleType.INT,
                                SimpleType.INT,
                                SimpleType.STRING)),
                CelFunctionDecl.newFunctionDeclaration(
                        TLV_LIST,
                        member(BYTES_TLV_LIST, TAGGED_RECORDS, SimpleType.INT, LENGTHS_BY_TAG)),
                CelFunctionDecl.newFunctionDeclaration(
                        LTV_LIST,
                        member(BYTES_LTV_LIST, TAGGED_RECORDS, SimpleType.INT, SimpleType.INT)),
                global(BEGIN, WALK, SimpleType.BYTES, SimpleType.INT),
                global(GOES_ON, SimpleType.BOOL, WALK),
                global(TAG, SimpleType.INT, WALK),
                global(AT, SimpleType.INT, WALK),
                CelFunctionDecl.newFunctionDeclaration(
                        NEXT,
                        CelOverloadDecl.newGlobalOverload(NEXT_LENGTH, WALK, WALK, SimpleType.INT),
                        CelOverloadDecl.newGlobalOverload(
                                NEXT_OPTIONAL, WALK, WALK, OptionalType.create(SimpleType.INT))),
                global(RECORDS, TAGGED_RECORDS, WALK));
    }

    private static CelOverloadDecl member(String id, CelType result, CelType... parameters) {
        return CelOverloadDecl.newMemberOverload(
                id,
                result,
                ImmutableList.<CelType>builder().add(SimpleType.BYTES).add(parameters).build());
    }

    private static CelFunctionDecl global(String function, CelType result, CelType... parameters) {
        return CelFunctionDecl.newFunctionDeclaration(
                function, CelOverloadDecl.newGlobalOverload(function, result, List.of(parameters)));
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        add(
                runtime,
                TLV,
                CelFunctionBinding.from(
                        BYTES_TLV,
                        List.of(CelByteString.class, Long.class, Map.class),
                        TaggedValues::tlv),
                CelFunctionBinding.from(
                        BYTES_TLV_REPEATED,
                        List.of(CelByteString.class, Long.class, Map.class, String.class),
                        TaggedValues::tlv));
        add(
                runtime,
                LTV,
                CelFunctionBinding.from(
                        BYTES_LTV,
                        List.of(CelByteString.class, Long.class, Long.class),
                        TaggedValues::ltv),
                CelFunctionBinding.from(
                        BYTES_LTV_REPEATED,
                        List.of(CelByteString.class, Long.class, Long.class, String.class),
                        TaggedValues::ltv));
        add(
                runtime,
                TLV_LIST,
                CelFunctionBinding.from(
                        BYTES_TLV_LIST,
                        List.of(CelByteString.class, Long.class, Map.class),
                        TaggedValues::tlvList));
        add(
                runtime,
                LTV_LIST,
                CelFunctionBinding.from(
                        BYTES_LTV_LIST,
                        List.of(CelByteString.class, Long.class, Long.class),
                        TaggedValues::ltvList));
        add(
                runtime,
                BEGIN,
                CelFunctionBinding.from(BEGIN, CelByteString.class, Long.class, TaggedWalk::begin));
        add(
                runtime,
                GOES_ON,
                CelFunctionBinding.from(GOES_ON, TaggedWalk.class, TaggedWalk::goesOn));
        add(runtime, TAG, CelFunctionBinding.from(TAG, TaggedWalk.class, TaggedWalk::tag));
        add(runtime, AT, CelFunctionBinding.from(AT, TaggedWalk.class, TaggedWalk::at));
        add(
                runtime,
                NEXT,
                CelFunctionBinding.from(
                        NEXT_LENGTH,
                        TaggedWalk.class,
                        Long.class,
                        (walk, length) -> walk.next(length)),
                CelFunctionBinding.from(
                        NEXT_OPTIONAL,
                        TaggedWalk.class,
                        Optional.class,
                        (walk, length) -> walk.next((Optional<?>) length)));
        add(
                runtime,
                RECORDS,
                CelFunctionBinding.from(RECORDS, TaggedWalk.class, TaggedWalk::records));
    }

    private static void add(
            CelRuntimeBuilder runtime, String function, CelFunctionBinding... overloads) {
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(function, ImmutableList.copyOf(overloads)));
    }

    private static Optional<CelExpr> tlvList(
            CelMacroExprFactory expressions, CelExpr target, ImmutableList<CelExpr> arguments) {
        Optional<CelExpr> refusal =
                MacroNames.refusal(expressions, TLV_LIST, arguments.subList(1, 3));
        if (refusal.isPresent()) {
            return refusal;
        }
        CelExpr next =
                expressions.newGlobalCall(
                        NEXT, expressions.newIdentifier(WALK_VARIABLE), arguments.get(3));
        return Optional.of(
                expressions.fold(
                        ROUND_VARIABLE,
                        expressions.newGlobalCall(FoldFunctions.ROUNDS),
                        WALK_VARIABLE,
                        expressions.newGlobalCall(BEGIN, target, arguments.get(0)),
                        ofWalk(expressions, GOES_ON),
                        MacroNames.bind(
                                expressions,
                                arguments.get(1).ident().name(),
                                ofWalk(expressions, TAG),
                                MacroNames.bind(
                                        expressions,
                                        arguments.get(2).ident().name(),
                                        ofWalk(expressions, AT),
                                        next)),
                        ofWalk(expressions, RECORDS)));
    }

    private static CelExpr ofWalk(CelMacroExprFactory expressions, String function) {
        return expressions.newGlobalCall(function, expressions.newIdentifier(WALK_VARIABLE));
    }
}
