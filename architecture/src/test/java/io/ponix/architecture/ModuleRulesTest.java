package io.ponix.architecture;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Each rule is broken on purpose by the classes in {@code circle}, and names the place. */
class ModuleRulesTest {

    private static final String CIRCLE = "io.ponix.architecture.circle";

    private final ModuleRules broken =
            ModuleRules.of(Path.of("target/test-classes/io/ponix/architecture/circle"));

    @Test
    void aCircleOfPackagesIsFound() {
        assertThatThrownBy(broken::packagesMakeNoCircle)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Cycle detected")
                .hasMessageContaining(CIRCLE + ".one.One.others()")
                .hasMessageContaining(CIRCLE + ".other.Other.one(");
        assertThatCode(ModuleRules.ofThisModule()::packagesMakeNoCircle).doesNotThrowAnyException();
    }

    @Test
    void anArrowThatIsNotAllowedIsFound() {
        assertThatThrownBy(() -> broken.ofPonixDependsOnlyOn("io.ponix.arch"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(CIRCLE + ".other.Other.one(")
                .hasMessageContaining("ModuleRules");
        assertThatCode(() -> broken.ofPonixDependsOnlyOn("io.ponix.architecture"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> broken.dependsOnNoneOf("io.ponix.architecture.circle.one"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(CIRCLE + ".other.Other.one(");
    }

    @Test
    void aWordThatIsNotToBeMentionedIsFound() {
        assertThatThrownBy(() -> broken.doesNotMention("A_WORD_NOT"))
                .isInstanceOf(AssertionError.class)
                .hasMessage("A_WORD_NOT is mentioned in [one/One.class]");
        assertThatCode(() -> broken.doesNotMention("ANOTHER_WORD")).doesNotThrowAnyException();
    }

    @Test
    void aPublicTypeWithoutAMarkIsFound() {
        assertThatThrownBy(() -> broken.publicTypesAreMarked(Marked.class))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(CIRCLE + ".one.One has none of them");
    }

    @Test
    void aFolderWithoutClassesIsNoModule() {
        assertThatThrownBy(() -> ModuleRules.of(Path.of("src")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("There are no classes in");
    }
}
