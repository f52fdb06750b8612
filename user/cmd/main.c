/* The program before its commands: linked so that the build is whole. */
int main(void)
{
	return 0;
}
