package io.ponix.transforms.functions;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The messages that {@code protobuf_decode(bytes, name)} knows, as {@code protoc} describes them: a
 * {@code google.protobuf.FileDescriptorSet}. Immutable and safe for use by several threads.
 */
public final class MessageDescriptors {
    /** The most bytes that descriptors may have. */
    public static final int MAX_BYTES = 256 << 10;

    /** No messages. */
    public static final MessageDescriptors NONE = new MessageDescriptors(new TreeMap<>(), 0);

    /** What is imported by way of others is looked for in each file anew. */
    private static final int MAX_FILES = 500;

    private static final String HOW =
            ": make them by protoc --include_imports --descriptor_set_out=FILE, and see that they"
                    + " are whole";

    private final TreeMap<String, Descriptor> messages;
    private final int sourceBytes;

    private MessageDescriptors(TreeMap<String, Descriptor> messages, int sourceBytes) {
        this.messages = messages;
        this.sourceBytes = sourceBytes;
    }

    /** How many bytes they were read from. */
    public int sourceBytes() {
        return sourceBytes;
    }

    /**
     * Reads descriptors.
     *
     * @param fileDescriptorSet the bytes of a {@code FileDescriptorSet} that has every file which
     *     one of its files imports; empty: no messages
     * @throws InvalidDescriptorsException if it is none, lacks a file, is larger than {@link
     *     #MAX_BYTES} or has names that are too long
     */
    public static MessageDescriptors of(byte[] fileDescriptorSet)
            throws InvalidDescriptorsException {
        if (fileDescriptorSet.length == 0) {
            return NONE;
        }
        if (fileDescriptorSet.length > MAX_BYTES) {
            throw new InvalidDescriptorsException(
                    "the descriptors have "
                            + fileDescriptorSet.length
                            + " bytes, more than the "
                            + MAX_BYTES
                            + " that they may have");
        }
        FileDescriptorSet set;
        try {
            set = FileDescriptorSet.parseFrom(fileDescriptorSet);
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidDescriptorsException("the bytes are no FileDescriptorSet" + HOW);
        }
        if (set.getFileCount() == 0 || set.getFileCount() > MAX_FILES) {
            throw new InvalidDescriptorsException(
                    "the descriptors are of "
                            + set.getFileCount()
                            + " files, not of 1 to "
                            + MAX_FILES
                            + HOW);
        }
        DescriptorNames.check(set.getFileList());
        TreeMap<String, Descriptor> messages = new TreeMap<>();
        try {
            for (FileDescriptor file : Linking.of(set.getFileList())) {
                for (Descriptor message : file.getMessageTypes()) {
                    add(messages, message);
                }
            }
        } catch (DescriptorValidationException | RuntimeException | StackOverflowError e) {
            // What protoc never writes: an edition that nobody knows, a field without a type.
            throw new InvalidDescriptorsException("the descriptors are wrong: " + e.getMessage());
        }
        for (Descriptor known : WellKnownMessage.descriptors()) {
            Descriptor described = messages.get(known.getFullName());
            if (described != null && !fields(described).equals(fields(known))) {
                throw new InvalidDescriptorsException(
                        "the descriptors have a "
                                + known.getFullName()
                                + " of their own, with other fields than the one that everybody"
                                + " has");
            }
        }
        return new MessageDescriptors(messages, fileDescriptorSet.length);
    }

    private static void add(Map<String, Descriptor> messages, Descriptor message)
            throws InvalidDescriptorsException {
        if (message.getOptions().getMapEntry()) {
            if (message.findFieldByNumber(1) == null || message.findFieldByNumber(2) == null) {
                throw new InvalidDescriptorsException(
                        "the entry " + message.getFullName() + " lacks a key or a value" + HOW);
            }
            return;
        }
        Set<String> names = new HashSet<>();
        for (FieldDescriptor field : message.getFields()) {
            if (!names.add(field.getJsonName())) {
                throw new InvalidDescriptorsException(
                        message.getFullName()
                                + " has two fields that are "
                                + field.getJsonName()
                                + " in JSON: give one of them another json_name");
            }
        }
        messages.put(message.getFullName(), message);
        for (Descriptor nested : message.getNestedTypes()) {
            add(messages, nested);
        }
    }

    /** What the reader of such a message counts on. */
    private static List<String> fields(Descriptor message) {
        return message.getFields().stream()
                .map(
                        field ->
                                field.getNumber()
                                        + " "
                                        + field.getType()
                                        + " "
                                        + field.isRepeated()
                                        + " "
                                        + (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                                                ? field.getMessageType().getFullName()
                                                : ""))
                .toList();
    }

    /** The full names of all messages, in the order of the alphabet. */
    public Set<String> names() {
        return Collections.unmodifiableSet(messages.keySet());
    }

    /** The message of a full name such as {@code vendor.Reading}. */
    Optional<Descriptor> find(String name) {
        return Optional.ofNullable(messages.get(name));
    }

    /** Puts files together, each after those that it imports; for one use. */
    private static final class Linking {
        private final Map<String, FileDescriptor> linked = new HashMap<>();

        /** How many imports a file still waits for. */
        private final Map<String, Integer> waiting = new HashMap<>();

        private final Map<String, List<FileDescriptorProto>> importers = new HashMap<>();
        private final ArrayDeque<FileDescriptorProto> ready = new ArrayDeque<>();

        static List<FileDescriptor> of(List<FileDescriptorProto> files)
                throws DescriptorValidationException, InvalidDescriptorsException {
            return new Linking().link(files);
        }

        private List<FileDescriptor> link(List<FileDescriptorProto> files)
                throws DescriptorValidationException, InvalidDescriptorsException {
            Set<String> names =
                    Set.copyOf(files.stream().map(FileDescriptorProto::getName).toList());
            if (names.size() < files.size()) {
                throw new InvalidDescriptorsException("the descriptors have a file twice" + HOW);
            }
            for (FileDescriptorProto file : files) {
                Set<String> imports = Set.copyOf(file.getDependencyList());
                for (String imported : imports) {
                    if (!names.contains(imported)) {
                        throw new InvalidDescriptorsException(
                                file.getName()
                                        + " imports "
                                        + imported
                                        + ", which the descriptors lack"
                                        + HOW);
                    }
                    importers.computeIfAbsent(imported, name -> new ArrayList<>()).add(file);
                }
                waiting.put(file.getName(), imports.size());
                if (imports.isEmpty()) {
                    ready.add(file);
                }
            }
            List<FileDescriptor> inOrder = new ArrayList<>();
            while (!ready.isEmpty()) {
                FileDescriptorProto next = ready.remove();
                FileDescriptor file =
                        FileDescriptor.buildFrom(
                                next,
                                next.getDependencyList().stream()
                                        .map(linked::get)
                                        .toArray(FileDescriptor[]::new));
                linked.put(next.getName(), file);
                inOrder.add(file);
                for (FileDescriptorProto importer :
                        importers.getOrDefault(next.getName(), List.of())) {
                    if (waiting.merge(importer.getName(), -1, Integer::sum) == 0) {
                        ready.add(importer);
                    }
                }
            }
            if (inOrder.size() < files.size()) {
                throw new InvalidDescriptorsException("the descriptors' files import each other");
            }
            return inOrder;
        }
    }
}
