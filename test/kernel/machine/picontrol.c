// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A Revolution Pi's process image for the tests' User-Mode Linux kernel: /dev/piControl0 with the calls of KUNBUS's piControl
 * driver that programs use, by its piControl.h and picontrol_ioctl(4), and with its answers: EAGAIN while the PiBridge does
 * not run, EFAULT for a variable that is not configured, EINVAL beyond the image. It stands in for driver and modules: what
 * the driver would have read from config.rsc and found on the PiBridge is told by attributes of the platform device:
 *   plugged    1: /dev/piControl0 is there (not so at the start, since its presence says that the machine is a RevPi)
 *   running    0: the PiBridge does not run
 *   fault      a positive errno: read, write and ioctl fail with it; 0: they do not
 *   variables  lines "<name> <address> <bit> <length in bits>": what KB_FIND_VARIABLE knows; a write replaces them all
 *   modules    lines "<address> <type> <active> <state> <input offset> <bytes> <output offset> <bytes>", likewise
 *   image      binary: the 4096 bytes as the modules see and set them, whatever the state
 *   writes     how often bytes were written by write(2), and bits or bytes by KB_SET_VALUE: "<writes> <values>"
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mod_devicetable.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>

#define IMAGE 4096
#define MODULES 64
#define VARIABLES 128
#define NAME 32

#define KB_GET_DEVICE_INFO_LIST _IO('K', 13)
#define KB_GET_VALUE _IO('K', 15)
#define KB_SET_VALUE _IO('K', 16)
#define KB_FIND_VARIABLE _IO('K', 17)

struct module_info {
	u8 address;
	u8 pad[3];
	u32 serial;
	u16 type;
	u16 hw_revision;
	u16 sw_major;
	u16 sw_minor;
	u32 svn_revision;
	u16 input_length;
	u16 output_length;
	u16 config_length;
	u16 base_offset;
	u16 input_offset;
	u16 output_offset;
	u16 config_offset;
	u16 first_entry;
	u16 entries;
	u8 state;
	u8 active;
	u8 reserve[30];
};

struct value {
	u16 address;
	u8 bit;
	u8 value;
};

struct variable {
	char name[NAME];
	u16 address;
	u8 bit;
	u8 pad;
	u16 length;
};

static_assert(sizeof(struct module_info) == 72);
static_assert(sizeof(struct value) == 4);
static_assert(sizeof(struct variable) == 38);

static DEFINE_MUTEX(lock); /* of all that follows */
static u8 image[IMAGE];
static struct module_info modules[MODULES];
static unsigned int module_count;
static struct variable variables[VARIABLES];
static unsigned int variable_count;
static bool plugged, running = true;
static int fault;
static unsigned long writes, values;

static int trouble(void)
{
	if (!plugged)
		return -ENODEV;
	if (fault)
		return -fault;
	return running ? 0 : -EAGAIN;
}

static ssize_t pi_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
	ssize_t result;

	mutex_lock(&lock);
	result = trouble() ?: simple_read_from_buffer(to, size, at, image, IMAGE);
	mutex_unlock(&lock);
	return result;
}

static ssize_t pi_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	ssize_t result;

	mutex_lock(&lock);
	result = trouble();
	if (!result) {
		/* As in the driver, and unlike files: beyond the end nothing is written, and that is no error. */
		result = *at >= IMAGE ? 0 : simple_write_to_buffer(image, IMAGE, at, from, size);
		writes++;
	}
	mutex_unlock(&lock);
	return result;
}

static long list_modules(void __user *argument)
{
	if (copy_to_user(argument, modules, module_count * sizeof(modules[0])))
		return -EFAULT;
	return module_count;
}

static long get_value(void __user *argument)
{
	struct value asked;

	if (copy_from_user(&asked, argument, sizeof(asked)))
		return -EFAULT;
	if (asked.address >= IMAGE)
		return -EINVAL;
	asked.value = image[asked.address];
	if (asked.bit < 8)
		asked.value = asked.value >> asked.bit & 1;
	return copy_to_user(argument, &asked, sizeof(asked)) ? -EFAULT : 0;
}

static long set_value(void __user *argument)
{
	struct value set;
	u8 *byte;

	if (copy_from_user(&set, argument, sizeof(set)))
		return -EFAULT;
	if (set.address >= IMAGE)
		return -EINVAL;
	byte = &image[set.address];
	if (set.bit >= 8)
		*byte = set.value;
	else
		*byte = set.value ? *byte | 1 << set.bit : *byte & ~(1 << set.bit);
	values++;
	return 0;
}

static long find_variable(void __user *argument)
{
	struct variable found = {};
	long result = -EFAULT; /* the driver's own word for a name that it does not know */
	unsigned int index;

	if (strncpy_from_user(found.name, argument, NAME - 1) < 0)
		return -EFAULT;
	found.address = 0xffff;
	found.bit = 0xff;
	found.length = 0xffff;
	for (index = 0; index < variable_count; index++) {
		if (strcmp(variables[index].name, found.name))
			continue;
		found = variables[index];
		result = 0;
		break;
	}
	return copy_to_user(argument, &found, sizeof(found)) ? -EFAULT : result;
}

static long pi_ioctl(struct file *file, unsigned int request, unsigned long argument)
{
	void __user *structure = (void __user *)argument;
	long result;

	mutex_lock(&lock);
	result = trouble();
	if (!result) {
		switch (request) {
		case KB_GET_DEVICE_INFO_LIST:
			result = list_modules(structure);
			break;
		case KB_GET_VALUE:
			result = get_value(structure);
			break;
		case KB_SET_VALUE:
			result = set_value(structure);
			break;
		case KB_FIND_VARIABLE:
			result = find_variable(structure);
			break;
		default:
			result = -EINVAL;
		}
	}
	mutex_unlock(&lock);
	return result;
}

static loff_t pi_seek(struct file *file, loff_t to, int whence)
{
	return fixed_size_llseek(file, to, whence, IMAGE);
}

static const struct file_operations pi_operations = {
	.owner = THIS_MODULE,
	.read = pi_read,
	.write = pi_write,
	.llseek = pi_seek,
	.unlocked_ioctl = pi_ioctl,
};

static struct miscdevice pi_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "piControl0",
	.mode = 0660,
	.fops = &pi_operations,
};

static ssize_t plugged_store(struct device *dev, struct device_attribute *attr, const char *text, size_t size)
{
	bool wanted, was;
	int result = kstrtobool(text, &wanted);

	if (result)
		return result;
	mutex_lock(&lock);
	was = plugged;
	plugged = wanted;
	mutex_unlock(&lock);
	/* Whoever has the device open keeps it, and is told ENODEV. */
	if (was && !wanted)
		misc_deregister(&pi_device);
	if (!was && wanted) {
		pi_device.minor = MISC_DYNAMIC_MINOR;
		result = misc_register(&pi_device);
	}
	return result ?: size;
}
static DEVICE_ATTR_WO(plugged);

static ssize_t running_store(struct device *dev, struct device_attribute *attr, const char *text, size_t size)
{
	return kstrtobool(text, &running) ?: size;
}
static DEVICE_ATTR_WO(running);

static ssize_t fault_store(struct device *dev, struct device_attribute *attr, const char *text, size_t size)
{
	int wanted;
	int result = kstrtoint(text, 0, &wanted);

	if (result)
		return result;
	if (wanted < 0 || wanted > MAX_ERRNO)
		return -EINVAL;
	fault = wanted;
	return size;
}
static DEVICE_ATTR_WO(fault);

static ssize_t variables_store(struct device *dev, struct device_attribute *attr, const char *text, size_t size)
{
	const char *line = text;
	ssize_t result = size;

	mutex_lock(&lock);
	for (variable_count = 0; line && *line; variable_count++) {
		struct variable *next = &variables[variable_count];

		memset(next, 0, sizeof(*next));
		if (variable_count == VARIABLES ||
		    sscanf(line, "%31s %hu %hhu %hu", next->name, &next->address, &next->bit, &next->length) != 4) {
			result = -EINVAL;
			break;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	mutex_unlock(&lock);
	return result;
}
static DEVICE_ATTR_WO(variables);

static ssize_t modules_store(struct device *dev, struct device_attribute *attr, const char *text, size_t size)
{
	const char *line = text;
	ssize_t result = size;

	mutex_lock(&lock);
	for (module_count = 0; line && *line; module_count++) {
		struct module_info *next = &modules[module_count];

		memset(next, 0, sizeof(*next));
		if (module_count == MODULES ||
		    sscanf(line, "%hhu %hu %hhu %hhu %hu %hu %hu %hu", &next->address, &next->type, &next->active,
			   &next->state, &next->input_offset, &next->input_length, &next->output_offset,
			   &next->output_length) != 8) {
			result = -EINVAL;
			break;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	mutex_unlock(&lock);
	return result;
}
static DEVICE_ATTR_WO(modules);

static ssize_t writes_show(struct device *dev, struct device_attribute *attr, char *text)
{
	return sysfs_emit(text, "%lu %lu\n", writes, values);
}
static DEVICE_ATTR_RO(writes);

static ssize_t image_read(struct file *file, struct kobject *kobj, struct bin_attribute *attr, char *to, loff_t from,
			  size_t size)
{
	return memory_read_from_buffer(to, size, &from, image, IMAGE);
}

static ssize_t image_write(struct file *file, struct kobject *kobj, struct bin_attribute *attr, char *from, loff_t to,
			   size_t size)
{
	mutex_lock(&lock);
	memcpy(image + to, from, size); /* sysfs keeps it within IMAGE */
	mutex_unlock(&lock);
	return size;
}
static BIN_ATTR_RW(image, IMAGE);

static struct attribute *pi_attrs[] = {
	&dev_attr_plugged.attr,	  &dev_attr_running.attr, &dev_attr_fault.attr,
	&dev_attr_variables.attr, &dev_attr_modules.attr, &dev_attr_writes.attr,
	NULL,
};
static struct bin_attribute *pi_bin_attrs[] = { &bin_attr_image, NULL };
static const struct attribute_group pi_group = { .attrs = pi_attrs, .bin_attrs = pi_bin_attrs };
__ATTRIBUTE_GROUPS(pi);

static int pi_probe(struct platform_device *device)
{
	return 0;
}

static const struct of_device_id pi_ids[] = { { .compatible = "edge-wasi,picontrol" }, {} };

static struct platform_driver pi_driver = {
	.probe = pi_probe,
	.driver = {
		.name = "picontrol",
		.of_match_table = pi_ids,
		.dev_groups = pi_groups,
		.suppress_bind_attrs = true, /* built in, and there for good */
	},
};
builtin_platform_driver(pi_driver);
