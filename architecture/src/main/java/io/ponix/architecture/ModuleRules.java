package io.ponix.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvent;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Rules on the classes of one module, without its tests. Each method is one rule, which throws an
 * {@link AssertionError} that names every place where it is broken.
 */
public final class ModuleRules {

    private static final String PONIX = "io.ponix.";

    private final Path folder;
    private final JavaClasses classes;

    private ModuleRules(Path folder) {
        this.folder = folder;
        this.classes = new ClassFileImporter().importPath(folder);
    }

    /** Rules on the module whose tests run, whose folder is the current one. */
    public static ModuleRules ofThisModule() {
        return of(Path.of("target", "classes"));
    }

    static ModuleRules of(Path folder) {
        ModuleRules rules = new ModuleRules(folder);
        if (rules.classes.isEmpty()) {
            throw new IllegalStateException("There are no classes in " + folder.toAbsolutePath());
        }
        return rules;
    }

    /** No package depends on one that depends on it, by whatever way round. */
    public void packagesMakeNoCircle() {
        SlicesRuleDefinition.slices()
                .assignedFrom(new Packages())
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    /**
     * Of Ponix, the module's classes depend on each other and on what is in these packages.
     *
     * @param packages their names; what is below them counts, too
     */
    public void ofPonixDependsOnlyOn(String... packages) {
        check(
                new ArchCondition<>("depend, of Ponix, only on " + List.of(packages)) {
                    @Override
                    public void check(JavaClass one, ConditionEvents events) {
                        one.getDirectDependenciesFromSelf().stream()
                                .filter(dependency -> isElsewhereInPonix(dependency))
                                .filter(dependency -> !isIn(dependency.getTargetClass(), packages))
                                .forEach(
                                        dependency ->
                                                events.add(
                                                        broken(one, dependency.getDescription())));
                    }
                });
    }

    /**
     * No class depends on these.
     *
     * @param packages their names; what is below them counts, too
     */
    public void dependsOnNoneOf(String... packages) {
        check(
                new ArchCondition<>("depend on none of " + List.of(packages)) {
                    @Override
                    public void check(JavaClass one, ConditionEvents events) {
                        one.getDirectDependenciesFromSelf().stream()
                                .filter(dependency -> isIn(dependency.getTargetClass(), packages))
                                .forEach(
                                        dependency ->
                                                events.add(
                                                        broken(one, dependency.getDescription())));
                    }
                });
    }

    /**
     * No class file has the text in a constant: a name, a message, an annotation.
     *
     * @param text of ASCII
     */
    public void doesNotMention(String text) {
        try (Stream<Path> files = Files.walk(folder)) {
            List<String> mentions =
                    files.filter(file -> file.toString().endsWith(".class"))
                            .filter(file -> contains(file, text))
                            .map(file -> folder.relativize(file).toString())
                            .sorted()
                            .toList();
            if (!mentions.isEmpty()) {
                throw new AssertionError(text + " is mentioned in " + mentions);
            }
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    /**
     * Every public type that is not within another says by one of these annotations whether it is
     * for those who use the module.
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    public final void publicTypesAreMarked(Class<? extends Annotation>... annotations) {
        List<String> names = Arrays.stream(annotations).map(Class::getName).toList();
        ArchRuleDefinition.classes()
                .that(
                        DescribedPredicate.describe(
                                "are public and not within another",
                                one ->
                                        one.getModifiers().contains(JavaModifier.PUBLIC)
                                                && one.isTopLevelClass()))
                .should(
                        new ArchCondition<>("be annotated with one of " + names) {
                            @Override
                            public void check(JavaClass one, ConditionEvents events) {
                                if (names.stream().noneMatch(one::isAnnotatedWith)) {
                                    events.add(broken(one, one.getName() + " has none of them"));
                                }
                            }
                        })
                .check(classes);
    }

    private void check(ArchCondition<JavaClass> condition) {
        ArchRuleDefinition.classes().should(condition).check(classes);
    }

    private boolean isElsewhereInPonix(Dependency dependency) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        return target.getName().startsWith(PONIX) && !classes.contain(target.getName());
    }

    private static boolean isIn(JavaClass target, String... packages) {
        String name = target.getBaseComponentType().getPackageName();
        return Arrays.stream(packages)
                .anyMatch(one -> name.equals(one) || name.startsWith(one + "."));
    }

    private static ConditionEvent broken(JavaClass one, String message) {
        return SimpleConditionEvent.violated(one, message);
    }

    private static boolean contains(Path file, String text) {
        try {
            // Every byte is a character of it, and those of ASCII are themselves.
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    private static final class Packages implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass one) {
            return SliceIdentifier.of(one.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }
}
